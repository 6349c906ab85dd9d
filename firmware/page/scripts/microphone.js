// The microphone, in blocks of Int16Array at 16 kHz.

const CAPTURE = `registerProcessor("capture", class extends AudioWorkletProcessor {
  process([channels]) {
    if (channels.length) {
      const mean = channels[0].map((_, sample) => channels.reduce((sum, channel) => sum + channel[sample], 0) / channels.length);
      this.port.postMessage(mean);
    }
    return true;
  }
})`;

const REFUSED = {
  NotAllowedError: "The microphone was not allowed: allow it for this page in the browser's settings, or open a recording.",
  NotFoundError: "No microphone was found: plug one in, or open a recording.",
  NotReadableError: "The microphone cannot be read: another program may be using it; or open a recording.",
};

class Microphone {
  // Opens the microphone; hear(block) is called until close(), ended() if it is unplugged.  An Error says what to do.
  static async open(hear, ended) {
    if (!navigator.mediaDevices || !window.AudioWorkletNode) {
      throw new Error("This browser gives a page no microphone here: open the page from a file or from localhost, or open a recording.");
    }
    const wanted = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: wanted }).catch(error => {
      throw new Error(REFUSED[error.name] || `The microphone cannot be opened: ${error.message}`);
    });
    const microphone = new Microphone(stream);
    try {
      await microphone.connect(hear, ended);
    } catch (error) {
      microphone.close();
      throw error;
    }
    return microphone;
  }

  constructor(stream) {
    this.stream = stream;
    this.context = new AudioContext();
  }

  async connect(hear, ended) {
    const { context, stream } = this;
    await context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(CAPTURE)}`); // from a file, a blob's is refused
    const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
    const resampler = new Resampler(context.sampleRate);
    capture.port.onmessage = ({ data }) => hear(asPcm(resampler.resample(data)));
    context.createMediaStreamSource(stream).connect(capture);
    stream.getAudioTracks()[0].onended = ended;
    await context.resume();
  }

  close() {
    this.stream.getTracks().forEach(track => track.stop());
    this.context.close();
  }
}
