// CRC-32 of bytes, continued from that of the bytes before (ISO 3309).

const CRC_OF_BYTE = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte;
});

function crc32(bytes, before = 0) {
  let sum = ~before;
  for (const byte of bytes) sum = CRC_OF_BYTE[(sum ^ byte) & 255] ^ (sum >>> 8);
  return ~sum >>> 0;
}
