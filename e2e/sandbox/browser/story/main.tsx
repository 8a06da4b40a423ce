document.title = "soon";
