// Sound of any rate to 16 kHz, as a stream: a sinc with Blackman's window, around the place of each output sample.

const CROSSINGS = 24; // zero crossings of the sinc on each side
const PASSED = 0.94; // of half the lower rate

class Resampler {
  constructor(rateHz) {
    this.step = rateHz / RATE_HZ; // input samples for each output sample
    this.cutoff = PASSED / Math.max(1, this.step);
    this.reach = Math.ceil(CROSSINGS / this.cutoff);
    this.waiting = new Float32Array(this.reach); // input samples that are needed again; silence before the first
    this.place = this.reach; // of the next output sample among the waiting ones
    this.taps = new Map();
  }

  // The weights of the samples around a place that is this far behind an input sample, 0 to 1.
  tapsAt(fraction) {
    const key = Math.round(fraction * 1e4);
    if (!this.taps.has(key)) {
      const taps = Float32Array.from({ length: 2 * this.reach }, (_, tap) => {
        const distance = tap - this.reach + 1 - fraction;
        const angle = Math.PI * this.cutoff * distance;
        const turn = (Math.PI * distance) / this.reach;
        const window = Math.abs(distance) < this.reach ? 0.42 + 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn) : 0;
        return window * (angle ? Math.sin(angle) / angle : 1);
      });
      const sum = taps.reduce((total, tap) => total + tap, 0);
      this.taps.set(key, taps.map(tap => tap / sum));
    }
    return this.taps.get(key);
  }

  // Samples at 16 kHz of the next samples at the rate, both Float32Array.
  resample(block) {
    if (this.step === 1) return block;
    const input = new Float32Array(this.waiting.length + block.length);
    input.set(this.waiting);
    input.set(block, this.waiting.length);
    const count = Math.max(0, Math.ceil((input.length - this.reach - this.place) / this.step));
    const output = new Float32Array(count);
    for (let sample = 0; sample < count; sample++) {
      const middle = Math.floor(this.place);
      const taps = this.tapsAt(this.place - middle);
      const first = middle - this.reach + 1;
      let sum = 0;
      for (let tap = 0; tap < taps.length; tap++) sum += taps[tap] * input[first + tap];
      output[sample] = sum;
      this.place += this.step;
    }
    const done = Math.min(input.length, Math.floor(this.place) - this.reach + 1);
    this.waiting = input.slice(done);
    this.place -= done;
    return output;
  }

  // The samples that wait for what follows the end.
  end() {
    return this.resample(new Float32Array(this.step === 1 ? 0 : this.reach));
  }
}

const ROUNDS = 1.5 * 2 ** 52; // a sum with it has no bits for a fraction

// Samples of full scale 1 as int16, rounded half to even and clipped, as Python's reader does.
function asPcm(samples) {
  return Int16Array.from(samples, sample => Math.max(-CERTAIN, Math.min(CERTAIN - 1, sample * CERTAIN + ROUNDS - ROUNDS)));
}
