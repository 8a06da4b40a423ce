package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"time"

	"github.com/mattermost/mattermost/server/public/model"
)

// Go values as JSON by their Go field names, which are also those of the generated TypeScript types:
// []byte as {"$bytes": hex}, integers beyond 2^53 as {"$int": "…"}, time.Time as {"$time": RFC 3339},
// errors as {"$error": text}. Zero values are left out, as gob does.

func toFields(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	if v.CanInterface() {
		switch value := v.Interface().(type) {
		case time.Time:
			if value.IsZero() {
				return nil
			}
			return map[string]any{"$time": value.UTC().Format("2006-01-02T15:04:05.000Z07:00")}
		case *model.AppError:
			if value == nil {
				return nil
			}
		case error:
			return map[string]any{"$error": value.Error()}
		}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return toFields(v.Elem())
	case reflect.Bool:
		if !v.Bool() {
			return nil
		}
		return true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return integer(big.NewInt(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return integer(new(big.Int).SetUint64(v.Uint()))
	case reflect.Float32, reflect.Float64:
		if v.Float() == 0 {
			return nil
		}
		return v.Float()
	case reflect.String:
		if v.Len() == 0 {
			return nil
		}
		return v.String()
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
			if v.Len() == 0 {
				return nil
			}
			return map[string]any{"$bytes": hex.EncodeToString(v.Bytes())}
		}
		list := make([]any, v.Len())
		zero := true
		for i := range list {
			list[i] = toFields(v.Index(i))
			zero = zero && list[i] == nil
		}
		if zero {
			return nil
		}
		return list
	case reflect.Map:
		object := map[string]any{}
		for _, key := range v.MapKeys() {
			if value := toFields(v.MapIndex(key)); value != nil {
				object[fmt.Sprint(key.Interface())] = value
			}
		}
		return orNil(object)
	case reflect.Struct:
		object := map[string]any{}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				if value := toFields(v.Field(i)); value != nil {
					object[v.Type().Field(i).Name] = value
				}
			}
		}
		return orNil(object)
	default:
		return nil
	}
}

func orNil(object map[string]any) any {
	if len(object) == 0 {
		return nil
	}
	return object
}

func integer(i *big.Int) any {
	if i.Sign() == 0 {
		return nil
	}
	if new(big.Int).Abs(i).BitLen() > 53 {
		return map[string]any{"$int": i.String()}
	}
	return json.Number(i.String())
}

// fromFields sets v from JSON in the form of toFields.
func fromFields(v reflect.Value, from any) error {
	if from == nil {
		return nil
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		return fromFields(v.Elem(), from)
	}
	if object, ok := from.(map[string]any); ok {
		if text, ok := object["$bytes"].(string); ok {
			data, err := hex.DecodeString(text)
			if err != nil {
				return err
			}
			v.Set(reflect.ValueOf(data).Convert(v.Type()))
			return nil
		}
		if text, ok := object["$time"].(string); ok {
			t, err := time.Parse(time.RFC3339, text)
			v.Set(reflect.ValueOf(t))
			return err
		}
	}
	switch v.Kind() {
	case reflect.Interface:
		v.Set(reflect.ValueOf(plain(from)))
		return nil
	case reflect.Slice:
		list, ok := from.([]any)
		if !ok {
			return fmt.Errorf("%s wants an array", v.Type())
		}
		v.Set(reflect.MakeSlice(v.Type(), len(list), len(list)))
		for i, item := range list {
			if err := fromFields(v.Index(i), item); err != nil {
				return err
			}
		}
		return nil
	case reflect.Map:
		object, ok := from.(map[string]any)
		if !ok {
			return fmt.Errorf("%s wants an object", v.Type())
		}
		v.Set(reflect.MakeMap(v.Type()))
		for key, item := range object {
			elem := reflect.New(v.Type().Elem()).Elem()
			if err := fromFields(elem, item); err != nil {
				return err
			}
			v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), elem)
		}
		return nil
	case reflect.Struct:
		object, ok := from.(map[string]any)
		if !ok {
			return fmt.Errorf("%s wants an object", v.Type())
		}
		for name, item := range object {
			field := v.FieldByName(name)
			if !field.IsValid() || !field.CanSet() {
				return fmt.Errorf("%s has no field %s", v.Type(), name)
			}
			if err := fromFields(field, item); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	default:
		text, err := json.Marshal(from)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, v.Addr().Interface())
	}
}

// plain turns json.Number into float64, as encoding/json gives it to Go programs.
func plain(from any) any {
	switch value := from.(type) {
	case json.Number:
		f, _ := value.Float64()
		return f
	case []any:
		for i := range value {
			value[i] = plain(value[i])
		}
	case map[string]any:
		for key := range value {
			value[key] = plain(value[key])
		}
	}
	return from
}

// fill gives v and all it holds values that differ from each other and from zero.
func fill(v reflect.Value, seed, depth int) {
	if v.CanInterface() {
		if _, ok := v.Interface().(time.Time); ok {
			v.Set(reflect.ValueOf(time.UnixMilli(1_700_000_000_123 + int64(seed)).UTC()))
			return
		}
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int8, reflect.Int16:
		v.SetInt(int64(seed%100) - 120)
	case reflect.Int, reflect.Int32, reflect.Int64:
		n := int64(seed)*1_000 + 7
		if v.Type().Bits() == 64 && seed%3 == 0 {
			n = 1_700_000_000_000 + int64(seed)
		}
		if v.Type().Bits() == 64 && seed%17 == 0 {
			n = 1<<60 + int64(seed)
		}
		v.SetInt(n)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint:
		v.SetUint(uint64(seed%200) + 1)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(seed) + 0.5)
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d é😀", seed))
	case reflect.Interface:
		if v.NumMethod() == 0 {
			v.Set(reflect.ValueOf(fmt.Sprintf("any %d", seed)))
		}
	case reflect.Pointer:
		if depth < maxFillDepth {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), seed, depth+1)
		}
	case reflect.Slice:
		if depth >= maxFillDepth-1 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), seed+i+1, depth+1)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), seed+i, depth+1)
		}
	case reflect.Map:
		if depth >= maxFillDepth-1 {
			return
		}
		v.Set(reflect.MakeMap(v.Type()))
		for i := range 2 {
			key := reflect.New(v.Type().Key()).Elem()
			fill(key, seed+i, depth+1)
			elem := reflect.New(v.Type().Elem()).Elem()
			fill(elem, seed+i+1, depth+1)
			v.SetMapIndex(key, elem)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), seed+i+1, depth+1)
			}
		}
	}
}

// Posts contain posts, so filling has to stop somewhere.
const maxFillDepth = 7
