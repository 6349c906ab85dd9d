// A stream through the C library and a model, both compiled to WebAssembly: firmware/host/spotter.c, as Python calls it.

const WASM_PAGE = 65536;

class Spotter {
  // about: what page.py writes of a model.
  static async of(about) {
    const code = Uint8Array.from(atob(about.wasm), character => character.charCodeAt(0));
    const { instance } = await WebAssembly.instantiate(code, {});
    return new Spotter(about, instance.exports);
  }

  constructor(about, library) {
    library._initialize();
    this.about = about;
    this.library = library;
    const codes = library.host_memory_codes();
    let free = library.__heap_base.value;
    const allocate = size => {
      const address = (free + 15) & ~15;
      free = address + size;
      return address;
    };
    this.stream = allocate(library.host_bytes());
    this.pcm = allocate(2 * about.hop_samples);
    const memory = allocate(2 * codes);
    const smoothed = allocate(2 * about.words.length);
    const detected = allocate(1);
    this.trace = allocate(12); // struct host_trace: three pointers
    const lacking = free - library.memory.buffer.byteLength;
    if (lacking > 0) library.memory.grow(Math.ceil(lacking / WASM_PAGE));
    const { buffer } = library.memory;
    new Uint32Array(buffer, this.trace, 3).set([memory, smoothed, detected]);
    this.hop = new Int16Array(buffer, this.pcm, about.hop_samples);
    this.memory = new Int16Array(buffer, memory, codes); // features, what each layer keeps, logits
    this.posteriors = new Uint16Array(buffer, smoothed, about.words.length); // smoothed, UQ1.15
    this.detected = new Uint8Array(buffer, detected, 1);
    this.traced = [this.memory, this.posteriors, this.detected].map(
      ({ byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)
    );
    if (library.host_init(this.stream)) throw new Error("The model in this page is damaged: make the page again.");
    this.reset();
  }

  reset() {
    this.library.host_reset(this.stream);
    this.hops = 0;
    this.bits = 0; // CRC-32 of all that the hops have left behind
    this.spent_ms = 0; // in the library
  }

  get time_ms() {
    return this.hops * this.about.hop_ms;
  }

  // A keyword's threshold, UQ1.15; label: its index among the keywords.
  threshold(label) {
    return this.library.host_threshold(this.stream, label);
  }

  setThreshold(label, threshold) {
    this.library.host_set_threshold(this.stream, label, threshold);
  }

  // Hears one hop, Int16Array [hop_samples]; returns the label of the keyword that ends here, or NOTHING.
  hear(hop) {
    this.hop.set(hop);
    const begin = performance.now();
    this.library.host_hear(this.stream, this.pcm, 1, this.trace);
    this.spent_ms += performance.now() - begin;
    this.hops += 1;
    for (const bytes of this.traced) this.bits = crc32(bytes, this.bits);
    return this.detected[0];
  }
}
