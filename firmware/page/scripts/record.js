// The part of the page that records: a take ends with the word, is cut, and is judged at once.

const MANNERS = ["near, as you speak", "an arm's length away", "from across the room", "softly", "loudly", "fast", "slowly", "from aside"];
const WAITED_FRAMES = 300; // kept while nothing is said
const HEARD_FRAMES = 30; // before a take may begin
const ABOVE_FLOOR_DB = 12; // at which a take begins
const PAUSE_FRAMES = 60; // after which it is over
const MARGIN_FRAMES = 25; // left before and after a word
const NOISE_FRAMES = 1000;
const ROOM = "_background_noise_"; // the folder of noise
const WORD = /^[\p{L}\p{M}\p{N}' _-]{1,40}$/u; // firmware/words.py

const secondsOf = frames => (frames * FRAME_MS) / 1000;

class Recording {
  constructor() {
    this.takes = [];
    this.wanted = undefined;
    const now = new Date();
    this.session = new Date(now - now.getTimezoneOffset() * 60000).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  }

  // What the fields ask for; an Error says what is wrong.
  asked() {
    const said = $("word").value.trim();
    if ($("noise").checked) return { folder: ROOM, said: "noise", speaker: this.speaker(), count: 1 };
    if (!said) throw new Error("Type the word that you are going to say.");
    if (!WORD.test(said) || !/[\p{L}\p{N}]/u.test(said)) {
      throw new Error(`“${said}”: a word or phrase is of letters, digits, spaces, hyphens and apostrophes, at most 40.`);
    }
    const count = Math.round($("count").value);
    if (!(count >= 1)) throw new Error("How many times? Give a number from 1 on.");
    return { folder: said.toLowerCase().replaceAll(/[\s_-]+/g, "_"), said, speaker: this.speaker(), count };
  }

  speaker() {
    return $("speaker").value.trim().replaceAll(/[^\p{L}\p{M}\p{N}-]+/gu, "-") || "me";
  }

  // Begins to record what is asked for, as of asked().
  begin(asked) {
    this.wanted = { ...asked, done: 0 };
    $("fields").disabled = true;
    this.next();
  }

  end() {
    this.wanted = undefined;
    $("fields").disabled = false;
    $("prompt").textContent = "";
  }

  // Waits for the next take.
  next() {
    const { folder, said, count, done } = this.wanted;
    this.frames = []; // Int16Array [FRAME] each
    this.levels_db = [];
    this.waiting = []; // samples of the next frame
    this.begun = undefined; // the frame where the take begins
    this.quiet = 0; // frames since the last loud one
    const prompt = `say “${said}”, ${MANNERS[done % MANNERS.length]} (${done + 1} of ${count})`;
    $("prompt").textContent = folder === ROOM ? "leave the room as it is for ten seconds, and say nothing" : prompt;
  }

  // Hears a block of Int16Array at 16 kHz, of any length; returns a sentence when all takes are done.
  hear(block) {
    for (const sample of block) {
      this.waiting.push(sample);
      if (this.waiting.length < FRAME) continue;
      this.hearFrame(Int16Array.from(this.waiting));
      this.waiting = [];
      const { done, count, said } = this.wanted;
      if (done === count) return `${counted(count, "take")} of ${said}: record more, or save.`;
    }
    return "";
  }

  hearFrame(frame) {
    const { frames, levels_db } = this;
    frames.push(frame);
    levels_db.push(levelOf(frame));
    if (this.wanted.folder === ROOM) {
      if (frames.length === NOISE_FRAMES) this.keepNoise();
      return;
    }
    if (this.begun === undefined && frames.length > WAITED_FRAMES) {
      frames.shift();
      levels_db.shift();
    }
    this.floor_db = this.begun === undefined ? percentile(levels_db, 0.25) : this.floor_db;
    const loud = levels_db.at(-1) > this.floor_db + ABOVE_FLOOR_DB;
    this.quiet = loud ? 0 : this.quiet + 1;
    if (this.begun === undefined && loud && frames.length > HEARD_FRAMES) this.begun = frames.length - 1;
    if (this.begun !== undefined && this.quiet > PAUSE_FRAMES) this.cut();
  }

  joined(first, last) {
    const frames = this.frames.slice(Math.max(0, first), last);
    const pcm = new Int16Array(frames.length * FRAME);
    frames.forEach((frame, place) => pcm.set(frame, place * FRAME));
    return pcm;
  }

  // The word of the take that is over, with its margins.
  cut() {
    const from = Math.max(0, this.begun - 2 * MARGIN_FRAMES);
    const [first, last] = spanOf(this.levels_db.slice(from)).map(frame => frame + from);
    const pcm = this.joined(first - MARGIN_FRAMES, last + MARGIN_FRAMES);
    this.keep(pcm, last - first, faultOf(pcm, (last - first) * FRAME_MS));
  }

  keepNoise() {
    const pcm = this.joined(0, NOISE_FRAMES);
    this.keep(pcm, NOISE_FRAMES, peakOf(pcm) ? "" : "digital silence: is the microphone on?");
  }

  // A take of so many frames; the next one begins.
  keep(pcm, length, fault) {
    const { folder, said, speaker } = this.wanted;
    const take = { folder, speaker, pcm, fault, saved: false };
    const about = `${said}, take ${this.takes.length + 1}`;
    const again = made("button", { textContent: "play", ariaLabel: `play ${about}`, onclick: () => play(pcm) });
    const away = made("button", { textContent: "throw away", ariaLabel: `throw away ${about}` });
    const cells = [said, `${secondsOf(length).toFixed(2)} s`, `${decibels(peakOf(pcm)).toFixed(0)} dB`, fault || "good"];
    const line = made("tr", { className: fault ? "missed" : "heard" }, ...cells.map(textContent => made("td", { textContent })), made("td", {}, again, away));
    away.onclick = () => {
      this.takes.splice(this.takes.indexOf(take), 1);
      line.remove();
      this.draw();
    };
    this.takes.push(take);
    $("takes").prepend(line);
    this.draw();
    if (!fault) this.wanted.done += 1;
    if (folder === ROOM && fault) this.wanted.done = this.wanted.count;
    this.next();
  }

  get good() {
    return this.takes.filter(take => !take.fault);
  }

  draw() {
    const { length } = this.takes;
    $("kept").textContent = length ? `${this.good.length} of ${counted(length, "take")} are good and will be saved` : "";
    $("save").disabled = $("folder").disabled = !this.good.length;
  }

  get unsaved() {
    return this.good.some(take => !take.saved);
  }

  // [[path, WAV file]] of the good takes, <word>/<speaker>_<time of this session>_<n>.wav.
  files() {
    return this.good.map((take, place) => {
      take.saved = true;
      const number = String(place + 1).padStart(3, "0");
      return [`${take.folder}/${take.speaker}_${this.session}_${number}.wav`, wavFile(take.pcm)];
    });
  }

  // Writes the good takes into a folder that the user chooses; returns a sentence.
  async saveInFolder() {
    const root = await showDirectoryPicker({ mode: "readwrite" });
    const files = this.files();
    for (const [path, content] of files) {
      const [folder, name] = path.split("/");
      const place = await root.getDirectoryHandle(folder, { create: true });
      const file = await (await place.getFileHandle(name, { create: true })).createWritable();
      await file.write(content);
      await file.close();
    }
    return `${counted(files.length, "recording")} written into ${root.name}.`;
  }
}
