import { words } from "../../../platform/i18n/index.ts";

/** Texts for a message without text, in the reader's language. */
export const fileWords = words({
  en: {
    image: "sent an image",
    images: "sent {count} images",
    file: "sent a file",
    files: "sent {count} files",
  },
  de: {
    image: "hat ein Bild gesendet",
    images: "hat {count} Bilder gesendet",
    file: "hat eine Datei gesendet",
    files: "hat {count} Dateien gesendet",
  },
  es: {
    image: "envió una imagen",
    images: "envió {count} imágenes",
    file: "envió un archivo",
    files: "envió {count} archivos",
  },
  fr: {
    image: "a envoyé une image",
    images: "a envoyé {count} images",
    file: "a envoyé un fichier",
    files: "a envoyé {count} fichiers",
  },
  ja: {
    image: "画像を送信しました",
    images: "画像を {count} 枚送信しました",
    file: "ファイルを送信しました",
    files: "ファイルを {count} 件送信しました",
  },
  ar: {
    image: "أرسل صورة",
    images: "أرسل صورًا عددها {count}",
    file: "أرسل ملفًا",
    files: "أرسل ملفات عددها {count}",
  },
});
