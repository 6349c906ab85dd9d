// A take: where a word is in what was recorded, and what is wrong with it.

const FRAME_MS = 10;
const FRAME = (RATE_HZ * FRAME_MS) / 1000; // samples
const SOFT_DB = -40;
const SHORTEST_MS = 150;
const LONGEST_MS = 2500;
const QUIETEST_DB = 30; // these four as in train/corpora/spans.py
const FLOOR_SHARE = 0.3;
const FLOOR_PERCENTILE = 0.1;
const LONGEST_PAUSE_MS = 200;

// The level of a frame, Int16Array, in dB of full scale.
function levelOf(frame) {
  return decibels(Math.sqrt(frame.reduce((sum, sample) => sum + sample * sample, 0) / frame.length));
}

// The value below which a share of numbers lies, interpolated.
function percentile(numbers, share) {
  const rising = [...numbers].sort((one, other) => one - other);
  const place = share * (rising.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, rising.length - 1);
  return rising[below] + (place - below) * (rising[above] - rising[below]);
}

// [first frame, last frame + 1] of the word in frames of these levels: the stretch with the most energy among the loud frames
// without a longer pause between them.
function spanOf(levels_db) {
  const loudest = Math.max(...levels_db);
  const floor = percentile(levels_db, FLOOR_PERCENTILE);
  const least = Math.max(loudest - QUIETEST_DB, floor + FLOOR_SHARE * (loudest - floor));
  const stretches = [];
  levels_db.forEach((level_db, frame) => {
    if (level_db < least) return;
    const current = stretches.at(-1);
    const energy = 10 ** (level_db / 10);
    if (current && frame - current.end <= LONGEST_PAUSE_MS / FRAME_MS) Object.assign(current, { end: frame + 1, energy: current.energy + energy });
    else stretches.push({ begin: frame, end: frame + 1, energy });
  });
  const word = stretches.reduce((best, stretch) => (stretch.energy > best.energy ? stretch : best));
  return [word.begin, word.end];
}

// What is wrong with a take of a word that takes so long, or "".
function faultOf(pcm, word_ms) {
  if (isClipped(pcm)) return "clipped: further away, or softer";
  if (decibels(peakOf(pcm)) < SOFT_DB) return "too soft: come closer";
  if (word_ms < SHORTEST_MS) return "too short: a click?";
  if (word_ms > LONGEST_MS) return `longer than ${LONGEST_MS / 1000} s`;
  return "";
}
