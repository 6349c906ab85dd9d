// What the buttons of the page do.

const MODELS = JSON.parse($("models").textContent);
const BUTTONS = { listen: "Listen", record: "Record" };
const listening = new Listening();
const recording = new Recording();
let microphone;
let turn = 0; // raised whenever another sound is to be heard, or none: what was opened for an earlier turn is closed

// Makes a button's work one whose error becomes a sentence, and the rest of the page goes on.
const doing = work => async (...given) => {
  try {
    tell("");
    await work(...given);
  } catch (error) {
    if (error.name !== "AbortError") tell(error.message, true); // a dialogue was closed
  }
};

function press(button, pressed) {
  button.setAttribute("aria-pressed", pressed);
  button.textContent = pressed ? "Stop" : BUTTONS[button.id];
}

// Ends whatever is heard.
function stop() {
  turn += 1;
  microphone?.close();
  microphone = undefined;
  recording.end();
  for (const id of Object.keys(BUTTONS)) press($(id), false);
}

// Opens the microphone for a part of the page, or ends that if it is open for it; begin() and hear(block) are of the part.
async function toggle(button, begin, hear) {
  const pressed = button.getAttribute("aria-pressed") === "true";
  stop();
  if (pressed) return;
  const mine = turn;
  press(button, true);
  try {
    const opened = await Microphone.open(
      block => mine === turn && hear(block),
      () => mine === turn && finish("The microphone was unplugged.", true)
    );
    if (mine !== turn) return opened.close();
    microphone = opened;
    begin();
  } catch (error) {
    if (mine === turn) stop();
    throw error;
  }
}

function finish(sentence, wrong = false) {
  stop();
  tell(sentence, wrong);
}

function listen() {
  return toggle($("listen"), () => listening.reset(), block => listening.hear(block));
}

function record() {
  const pressed = $("record").getAttribute("aria-pressed") === "true";
  const asked = pressed ? undefined : recording.asked();
  return toggle($("record"), () => recording.begin(asked), block => {
    const sentence = recording.wanted && recording.hear(block);
    if (sentence) finish(sentence);
  });
}

async function openFile(file) {
  $("file").value = ""; // the same file may be opened again
  if (!file) return;
  stop();
  const mine = turn;
  const sentence = await listening.hearFile(file, () => mine === turn);
  if (sentence) tell(sentence);
}

async function choose() {
  stop();
  const about = MODELS[$("model").value];
  await listening.choose(about);
  const words = about.words.map(spaced);
  $("about").textContent = `${words.join(", ")}: ${about.flash_bytes.toLocaleString("en")} bytes of flash`;
  $("words").replaceChildren(...words.map(word => new Option(word)));
}

function show(name) {
  stop();
  for (const part of ["listening", "recording"]) {
    $(part).hidden = part !== name;
    $(`to-${part}`).setAttribute("aria-current", part === name ? "page" : "false");
  }
}

async function copy() {
  if (!navigator.clipboard) throw new Error("This browser gives a page no clipboard here: open the page from a file or from localhost.");
  await navigator.clipboard.writeText(listening.linesInC());
  tell("The lines of C are on the clipboard.");
}

function saveThresholds() {
  const point = { name: "own", thresholds: listening.thresholds() };
  download(`${listening.spotter.about.recipe}-point.json`, [JSON.stringify(point, null, 1)], "application/json");
}

function saveTakes() {
  download(`recordings-${recording.session}.zip`, zipOf(recording.files()), "application/zip");
}

function drawAgain() {
  if (microphone) listening.draw();
  requestAnimationFrame(drawAgain);
}

async function begin() {
  MODELS.forEach(({ recipe }, place) => $("model").append(new Option(recipe, place)));
  $("choice").hidden = MODELS.length === 1;
  $("folder").hidden = !window.showDirectoryPicker;
  const work = { listen, record, copy, thresholds: saveThresholds, save: saveTakes, folder: async () => tell(await recording.saveInFolder()) };
  for (const [id, does] of Object.entries(work)) $(id).onclick = doing(does);
  for (const part of ["listening", "recording"]) $(`to-${part}`).onclick = doing(() => show(part));
  $("model").onchange = doing(choose);
  $("file").onchange = doing(() => openFile($("file").files[0]));
  document.ondragover = event => event.preventDefault();
  document.ondrop = event => {
    event.preventDefault();
    show("listening");
    doing(openFile)(event.dataTransfer.files[0]);
  };
  window.addEventListener("beforeunload", event => {
    if (recording.unsaved) event.preventDefault();
  });
  recording.draw();
  show("listening");
  await choose();
  drawAgain();
}

doing(begin)();
