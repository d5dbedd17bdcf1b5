// Everything that the page says, in two languages. The English of what stands in index.html is there.

const english = {
  "cleared": "Cleared",
  "copied": "Copied",
  "doubt": "This may be no digit, or more than one.",
  "dark": "Dark theme",
  "light": "Light theme",
  "many": (count, least) => `${count} digits, each at least ${least} sure`,
  "no answer": "No answer",
  "other": "Español",
  "problem several-digits": "There are several digits here.",
  "problem unauthorized": "This server asks for an API key.",
  "right": "Right",
  "sample": (digit) => `Handwritten ${digit}`,
  "score": (right, marked) => `${right} of ${marked} right`,
  "sure": (percent) => `${percent} sure`,
  "unreachable": "The server cannot be reached.",
  "unreadable": "This file is no picture that the browser can read.",
  "unsure": (percent) => `Perhaps. ${percent}`,
  "wrong": "Wrong",
  "entry": (digit, percent) => `Read as ${digit}, ${percent}`,
};

const spanish = {
  "bars": "Probabilidad de cada dígito",
  "camera": "Cámara",
  "cancel": "Cancelar",
  "card": "Ficha del modelo",
  "choose": "Imagen",
  "clear": "Borrar",
  "cleared": "Borrado",
  "command": "Orden",
  "copied": "Copiado",
  "copy": "Copiar",
  "curl": "Lo mismo desde una terminal",
  "dark": "Tema oscuro",
  "docs": "Documentación de la API",
  "doubt": "Puede que no sea un dígito, o que haya más de uno.",
  "download": "Descargar JSON",
  "drawing": "Dibujo",
  "drop": "Suelta la imagen",
  "entry": (digit, percent) => `Leído como ${digit}, ${percent}`,
  "forget": "Olvidar todo",
  "hint": "Escribe aquí con el dedo, un lápiz o el ratón",
  "history": "Tus dibujos",
  "key": "Clave de API",
  "keys": "Con el teclado: las flechas mueven el lápiz, Espacio lo baja y lo levanta, Control Z deshace un trazo, Suprimir borra todo.",
  "latency": "Respuesta en",
  "lead": "Una pequeña red neuronal lo lee mientras escribes.",
  "light": "Tema claro",
  "local": "Los dibujos solo van a este servidor y se quedan en este navegador.",
  "many": (count, least) => `${count} dígitos, cada uno con al menos ${least} de seguridad`,
  "model": "Modelo",
  "no answer": "Sin respuesta",
  "other": "English",
  "pad": "Zona de dibujo",
  "problem unauthorized": "Este servidor pide una clave de API.",
  "problem body-too-large": "La imagen es demasiado grande para este servidor.",
  "problem image-too-large": "La imagen tiene demasiados píxeles.",
  "problem not-ready": "El servidor aún no tiene modelo. Inténtalo en un momento.",
  "problem nothing-drawn": "No hay nada dibujado en la imagen.",
  "problem overloaded": "El servidor está al límite. Inténtalo en un momento.",
  "problem several-digits": "Aquí hay varios dígitos.",
  "result": "Resultado",
  "right": "Correcto",
  "sample": (digit) => `${digit} manuscrito`,
  "samples": "O prueba uno que escribió una persona",
  "score": (right, marked) => `${right} de ${marked} correctos`,
  "seen": "Lo que ve la red",
  "segment": "Leerlos todos",
  "site": "Sitio",
  "skip": "Ir a la zona de dibujo",
  "sure": (percent) => `${percent} de seguridad`,
  "take": "Hacer la foto",
  "title": "Dibuja un dígito",
  "tools": "Herramientas",
  "undo": "Deshacer",
  "unreachable": "No se puede llegar al servidor.",
  "unreadable": "Este archivo no es una imagen que el navegador pueda leer.",
  "unsure": (percent) => `Quizá. ${percent}`,
  "unlock": "Usar esta clave",
  "waiting": "Aún no hay nada dibujado",
  "width": "Grosor del lápiz",
  "wrong": "Incorrecto",
};

const texts = { en: english, es: spanish };
const root = document.documentElement;

export const language = () => root.lang;

// Undefined where there is no such text.
export function say(key, ...values) {
  const text = texts[root.lang][key];
  return typeof text === "function" ? text(...values) : text;
}

// The elements with a text of their own, and where it goes.
const places = [["data-text", "textContent"], ["data-label", "ariaLabel"], ["data-title", "title"]];

function each(visit) {
  for (const [attribute, property] of places)
    for (const element of document.querySelectorAll(`[${attribute}]`))
      visit(element, property, element.getAttribute(attribute));
}

export function speak(name) {
  root.lang = name;
  each((element, property, key) => { element[property] = say(key) ?? element[property]; });
}

each((element, property, key) => { english[key] ??= element[property]; });
