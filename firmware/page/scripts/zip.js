// A zip archive of files that are stored as they are (PKWARE APPNOTE 4.3).

const LOCAL_FILE = 0x04034b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
const UTF8 = 0x800;
const DATE = 0x21; // 1 January 1980

// Little-endian numbers as bytes: [[how many bytes, number]].
function fields(numbers) {
  const view = new DataView(new ArrayBuffer(numbers.reduce((sum, [bytes]) => sum + bytes, 0)));
  let place = 0;
  for (const [bytes, number] of numbers) {
    if (bytes === 2) view.setUint16(place, number, true);
    else view.setUint32(place, number, true);
    place += bytes;
  }
  return new Uint8Array(view.buffer);
}

function lengthOf(parts) {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

// The parts of an archive, for a Blob; files: [[path, Uint8Array]].
function zipOf(files) {
  const contents = [];
  const directory = [];
  let length = 0;
  for (const [path, content] of files) {
    const name = new TextEncoder().encode(path);
    const sizes = [[4, crc32(content)], [4, content.length], [4, content.length], [2, name.length], [2, 0]];
    const about = [[2, VERSION], [2, UTF8], [2, 0], [2, 0], [2, DATE], ...sizes];
    const place = [[2, 0], [2, 0], [2, 0], [4, 0], [4, length]];
    directory.push(fields([[4, DIRECTORY_ENTRY], [2, VERSION], ...about, ...place]), name);
    const parts = [fields([[4, LOCAL_FILE], ...about]), name, content];
    contents.push(...parts);
    length += lengthOf(parts);
  }
  const end = fields([[4, END], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, lengthOf(directory)], [4, length], [2, 0]]);
  return [...contents, ...directory, end];
}
