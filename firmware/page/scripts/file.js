// A recording in a file.

const RATES_HZ = [4000, 384000];
const DECODED_HZ = 48000; // what the browser decodes to
const BLOCK = 65536; // samples resampled at a time
const PCM = 1;
const EXTENSIBLE = 0xfffe;

// {rate, channels, length, sample(channel, place)} of a WAV file of 16 bits a sample, or undefined.
// It is read here because Chromium's decoder divides positive samples by 32767.
function wavOf(bytes) {
  const view = new DataView(bytes);
  const text = place => String.fromCharCode(...new Uint8Array(bytes, place, 4));
  if (bytes.byteLength < 12 || text(0) !== "RIFF" || text(8) !== "WAVE") return undefined;
  let format;
  for (let chunk = 12; chunk + 8 <= bytes.byteLength; ) {
    const size = view.getUint32(chunk + 4, true);
    const begin = chunk + 8;
    if (text(chunk) === "fmt ") {
      if (size < 16 || begin + size > bytes.byteLength) return undefined;
      const kind = view.getUint16(begin, true);
      const sub = kind === EXTENSIBLE && size >= 40 ? view.getUint16(begin + 24, true) : kind;
      format = { channels: view.getUint16(begin + 2, true), rate: view.getUint32(begin + 4, true) };
      if (sub !== PCM || view.getUint16(begin + 14, true) !== 16 || !format.channels) return undefined;
    } else if (text(chunk) === "data" && format) {
      const there = bytes.byteLength - begin;
      const length = Math.floor((size ? Math.min(size, there) : there) / (2 * format.channels)); // 0: a stream of unknown length
      const sample = (channel, place) => view.getInt16(begin + 2 * (place * format.channels + channel), true) / CERTAIN;
      return { ...format, length, sample };
    }
    chunk = begin + size + (size % 2);
  }
  return undefined;
}

// The same of any file that the browser can decode.
async function decodedOf(file, bytes) {
  const decoded = await new OfflineAudioContext(1, 1, DECODED_HZ).decodeAudioData(bytes).catch(() => {
    throw new Error(`${file.name} is no recording that this browser can read: give a WAV file.`);
  });
  const sounds = Array.from({ length: decoded.numberOfChannels }, (_, channel) => decoded.getChannelData(channel));
  const sample = (channel, place) => sounds[channel][place];
  return { rate: decoded.sampleRate, channels: sounds.length, length: decoded.length, sample };
}

// Yields the sound of a file, Int16Array at 16 kHz, channels averaged.
async function* soundOf(file) {
  const bytes = await file.arrayBuffer();
  const { rate, channels, length, sample } = wavOf(bytes) || (await decodedOf(file, bytes));
  if (rate < RATES_HZ[0] || rate > RATES_HZ[1]) throw new Error(`${file.name}: its rate is ${rate} Hz; give 4 to 384 kHz.`);
  const resampler = new Resampler(rate);
  for (let begin = 0; begin < length; begin += BLOCK) {
    const block = new Float32Array(Math.min(BLOCK, length - begin));
    for (let place = 0; place < block.length; place++) {
      let sum = 0;
      for (let channel = 0; channel < channels; channel++) sum += sample(channel, begin + place);
      block[place] = sum / channels;
    }
    yield asPcm(resampler.resample(block));
  }
  yield asPcm(resampler.end());
}
