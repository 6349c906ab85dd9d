// The part of the page that listens: level, features, posteriors with their thresholds, detections.

const HELD_MS = 1500; // the peak of the level meter, and its word about clipping
const LIT_MS = 1000; // a keyword after its detection
const PLAYED_MS = 1500; // of a detection
const LOOKED_BACK_MS = 4000; // for a keyword that was missed
const LOWEST_DB = -60;
const SHOWN = 100; // events
const DRAWN_HOPS = 250; // of a file, between two pictures
const STEP = 0.01; // of a threshold that is moved

const spaced = word => word.replaceAll("_", " ");

class Listening {
  // Makes the page one about a model.
  async choose(about) {
    this.spotter = await Spotter.of(about);
    this.picture = new Picture($("features"), about.bands);
    this.rows = about.words.map((word, label) => this.row(word, label));
    $("keywords").replaceChildren(...this.rows.map(row => row.element));
    $("points").replaceChildren(...about.points.map(point => this.pointButton(point)));
    this.setPoint(about.points[0]);
    this.reset();
  }

  // Begins a new stream.
  reset() {
    this.spotter.reset();
    this.picture.clear();
    this.tape = new Tape();
    this.waiting = new Int16Array(0); // samples of the next hop
    this.level_db = this.peak_db = LOWEST_DB;
    this.peak_ms = 0;
    this.clipped_ms = -HELD_MS;
    this.detections = 0;
    this.marks = [];
    for (const row of this.rows) Object.assign(row, { lit_ms: -LIT_MS, before: [] });
    $("events").replaceChildren();
    this.draw();
  }

  pointButton(point) {
    const button = made("button", { textContent: point.name, onclick: () => this.setPoint(point) });
    button.dataset.point = point.name;
    return button;
  }

  setPoint(point) {
    for (const row of this.rows) row.set(Math.round(point.thresholds[row.word] * CERTAIN));
    this.showPoint(point.name);
  }

  showPoint(name) {
    for (const button of $("points").children) button.setAttribute("aria-pressed", button.dataset.point === name);
  }

  // The row of a keyword: its posterior as a bar, its threshold as a line on it that can be moved.
  row(word, label) {
    const fill = made("i");
    const slider = made("input", { type: "range", min: 0, max: 1, step: STEP, ariaLabel: `threshold of ${spaced(word)}` });
    const value = made("span", { className: "value" });
    const missed = made("button", { textContent: "missed", title: `I said ${spaced(word)}, and it was not heard` });
    const name = made("span", { className: "word", textContent: spaced(word) });
    const bar = made("span", { className: "bar" }, fill, slider);
    const row = { word, fill, element: made("div", { className: "keyword" }, name, bar, value, missed) };
    row.set = threshold => {
      this.spotter.setThreshold(label, threshold);
      slider.value = threshold / CERTAIN;
      slider.ariaValueText = value.textContent = (threshold / CERTAIN).toFixed(2);
    };
    slider.oninput = () => {
      row.set(Math.round(slider.value * CERTAIN));
      this.showPoint("");
    };
    missed.ariaLabel = missed.title;
    missed.onclick = () => this.miss(row);
    return row;
  }

  thresholds() {
    return Object.fromEntries(this.rows.map(({ word }, label) => [word, this.spotter.threshold(label) / CERTAIN]));
  }

  // The lines that put the thresholds in force on a device.
  linesInC() {
    const { name, words } = this.spotter.about;
    const lines = words.map((word, label) => `kws_set_threshold(&stream.kws, ${label}, ${this.spotter.threshold(label)}); /* ${word} */`);
    return `static struct kws_${name}_stream stream;\n\n${lines.join("\n")}\n`;
  }

  // Hears a block of Int16Array at 16 kHz, of any length.
  hear(block) {
    const size = this.spotter.about.hop_samples;
    const sound = new Int16Array(this.waiting.length + block.length);
    sound.set(this.waiting);
    sound.set(block, this.waiting.length);
    let begin = 0;
    for (; begin + size <= sound.length; begin += size) this.hearHop(sound.subarray(begin, begin + size));
    this.waiting = sound.slice(begin);
  }

  hearHop(hop) {
    this.tape.add(hop);
    const detected = this.spotter.hear(hop);
    const { time_ms, about, posteriors } = this.spotter;
    this.picture.add(this.spotter.memory);
    this.level_db = decibels(peakOf(hop));
    if (isClipped(hop)) this.clipped_ms = time_ms;
    if (this.level_db >= this.peak_db || time_ms - this.peak_ms > HELD_MS) {
      this.peak_db = this.level_db;
      this.peak_ms = time_ms;
    }
    this.rows.forEach(({ before }, label) => {
      before.push(posteriors[label]);
      if (before.length > LOOKED_BACK_MS / about.hop_ms) before.shift();
    });
    if (detected !== NOTHING) this.detect(detected);
  }

  detect(label) {
    const row = this.rows[label];
    row.lit_ms = this.spotter.time_ms;
    this.detections += 1;
    this.marks.push({ word: row.word, hop: this.spotter.hops });
    this.note("heard", row.word, this.spotter.posteriors[label], this.tape.last(PLAYED_MS));
  }

  // A keyword that the user said and that was not heard: with its highest posterior of the last seconds.
  miss(row) {
    this.note("missed", row.word, Math.max(0, ...row.before), this.tape.last(LOOKED_BACK_MS));
  }

  // A line in the list of events.
  note(kind, word, posterior, sound) {
    const seconds = (this.spotter.time_ms / 1000).toFixed(2);
    const again = made("button", { textContent: "play", ariaLabel: `play ${spaced(word)} at ${seconds} s`, onclick: () => play(sound) });
    const cells = [`${seconds} s`, kind, spaced(word), (posterior / CERTAIN).toFixed(2)];
    $("events").prepend(made("tr", { className: kind }, ...cells.map(textContent => made("td", { textContent })), made("td", {}, again)));
    if ($("events").children.length > SHOWN) $("events").lastChild.remove();
  }

  // Hears a file from its beginning to its end, as fast as it can, while mayGoOn(); returns a sentence about it, or "".
  async hearFile(file, mayGoOn) {
    let drawn = 0;
    let samples = 0;
    for await (const block of soundOf(file)) {
      if (!mayGoOn()) return "";
      if (!samples) this.reset(); // once the file is known to be sound
      samples += block.length;
      this.hear(block);
      if (this.spotter.hops < drawn + DRAWN_HOPS) continue;
      drawn = this.spotter.hops;
      this.draw();
      await new Promise(drawnNow => setTimeout(drawnNow));
    }
    if (!mayGoOn()) return "";
    if (this.waiting.length) this.hear(new Int16Array(this.spotter.about.hop_samples - this.waiting.length)); // the last hop ends in silence
    this.draw();
    return `${file.name}: ${(samples / RATE_HZ).toFixed(1)} s heard, ${counted(this.detections, "detection")}.`;
  }

  draw() {
    const { spotter } = this;
    const place = level_db => `${100 * Math.max(0, 1 - level_db / LOWEST_DB)}%`;
    const clips = spotter.time_ms - this.clipped_ms < HELD_MS;
    $("level").style.width = place(this.level_db);
    $("peak").style.left = place(this.peak_db);
    $("decibels").textContent = clips ? "clips" : `${Math.max(this.level_db, LOWEST_DB).toFixed(0)} dB`;
    $("decibels").classList.toggle("clips", clips);
    this.rows.forEach(({ fill, element, lit_ms }, label) => {
      const posterior = spotter.hops ? spotter.posteriors[label] : 0;
      fill.style.width = `${(100 * posterior) / CERTAIN}%`;
      element.classList.toggle("above", posterior >= spotter.threshold(label));
      element.classList.toggle("lit", spotter.time_ms - lit_ms < LIT_MS);
    });
    this.marks = this.marks.filter(mark => spotter.hops - mark.hop < PICTURE_HOPS);
    $("marks").replaceChildren(...this.marks.map(mark => this.markOf(mark)));
    const load = spotter.hops ? (100 * spotter.spent_ms) / spotter.time_ms : 0;
    $("time").textContent = `${(spotter.time_ms / 1000).toFixed(1)} s heard, the library took ${load.toFixed(2)} % of that`;
    $("bits").textContent = `bits ${spotter.bits.toString(16).padStart(8, "0")} after ${spotter.hops} hops`;
  }

  // A detection's line in the picture.
  markOf({ word, hop }) {
    const mark = made("span", { textContent: spaced(word) });
    mark.style.right = `${(100 * (this.spotter.hops - hop)) / PICTURE_HOPS}%`;
    return mark;
  }
}
