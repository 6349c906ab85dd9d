// The features as a picture that moves to the left: a column for each hop, low bands at the bottom.

const PICTURE_HOPS = 400;

class Picture {
  constructor(canvas, bands) {
    canvas.width = PICTURE_HOPS;
    canvas.height = bands;
    this.context = canvas.getContext("2d", { willReadFrequently: true });
    this.column = this.context.createImageData(1, bands);
    this.column.data.fill(255);
    this.colours = Array.from({ length: 256 }, (_, level) => {
      const share = level / 255; // dark blue, orange, nearly white
      return [255 * Math.min(1, 1.5 * share), 255 * share ** 1.6, 255 * (0.16 + 0.55 * share ** 4 + 0.2 * Math.sin(Math.PI * share))];
    });
    this.clear();
  }

  clear() {
    this.context.fillStyle = `rgb(${this.colours[0].map(Math.round)})`;
    this.context.fillRect(0, 0, PICTURE_HOPS, this.column.height);
  }

  // codes: log-mel features -128..127, one for each band.
  add(codes) {
    const { context, column } = this;
    context.drawImage(context.canvas, -1, 0);
    for (let band = 0; band < column.height; band++) {
      column.data.set(this.colours[codes[band] + 128], 4 * (column.height - 1 - band));
    }
    context.putImageData(column, PICTURE_HOPS - 1, 0);
  }
}
