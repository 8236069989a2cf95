// Runs the peers' own files in a browser, as their READMEs say, on an OfflineAudioContext that stops at every frame of a page. No clock of the
// machine is read, so a busy machine gives the same answers as an idle one. Plain JavaScript, because it is served as it stands.
import { HeadAudio } from '/headaudio.mjs';
import { Lipsync } from '/wawa-lipsync.mjs';
import { createWLipSyncNode } from '/wlipsync.mjs';

/** Names as all three spell them, in the order of visemes.ts. */
const VISEMES = ['aa', 'E', 'I', 'O', 'U', 'PP', 'SS', 'TH', 'DD', 'FF', 'kk', 'nn', 'RR', 'CH', 'sil'];
const WLIPSYNC_VISEMES = { A: 'aa', I: 'I', U: 'U', E: 'E', O: 'O', S: 'SS' };
const QUANTUM_SAMPLES = 128;
const WLIPSYNC_BLOCK_SAMPLES = 512;
/** Silence before the clip. */
const LEAD_SECONDS = 0.5;
const PATIENCE_MS = 60_000;

/**
 * @param {{ url: string, rateHz: number, fps: number, profile: object, warmUpMs: number }} clip 32-bit floats at `url`. `warmUpMs`: so long the
 * worklets may compile and load before the first sample.
 * @returns {Promise<Record<string, number[]>>} For each line, frames x 15 weights.
 * @throws {Error} If a worklet was not ready in time.
 */
window.playClip = async ({ url, rateHz, fps, profile, warmUpMs }) => {
  const samples = new Float32Array(await (await fetch(url)).arrayBuffer());
  const lead = LEAD_SECONDS * rateHz;
  const frames = Math.floor((samples.length / rateHz) * fps);
  const context = new OfflineAudioContext(1, lead + samples.length + rateHz, rateHz);
  const buffer = context.createBuffer(1, context.length, rateHz);
  buffer.copyToChannel(samples, 0, lead);
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(context.destination);

  const shipped = await openHeadAudio(context, source, false);
  const mended = await openHeadAudio(context, source, true);
  const wawa = openWawa(context, source);
  const wlipsync = await openWLipSync(context, source, profile);
  const peers = [shipped, mended, wawa, wlipsync];
  const lines = Object.fromEntries(peers.flatMap(({ names }) => names.map((name) => [name, []])));

  const leadFrames = LEAD_SECONDS * fps;
  let failure;
  const stop = (frame) =>
    context.suspend(frame / fps).then(async () => {
      try {
        if (failure) return;
        if (frame === 0) await new Promise((resolve) => setTimeout(resolve, warmUpMs));
        const quanta = Math.round((context.currentTime * rateHz) / QUANTUM_SAMPLES);
        await until(() => peers.every((peer) => peer.isCaughtUp?.(quanta) ?? true));
        for (const peer of peers) {
          const rows = peer.read((1000 * frame) / fps, 1000 / fps);
          if (frame < leadFrames) continue;
          for (const [i, name] of peer.names.entries()) lines[name].push(...rows[i]);
        }
      } catch (error) {
        failure = error;
      } finally {
        context.resume();
      }
    });
  for (let frame = 0; frame < leadFrames + frames; frame++) stop(frame);
  source.start();
  await context.startRendering();
  if (failure) throw failure;
  return lines;
};

/** Waits until the worklets' messages about everything that was rendered have come. */
async function until(test) {
  const giveUpMs = performance.now() + PATIENCE_MS;
  while (!test()) {
    if (performance.now() > giveUpMs) throw new Error('a worklet was not ready for the first sample');
    await new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port2.onmessage = () => resolve();
      port1.postMessage(0);
    });
  }
}

function oneHot(viseme, weight = 1) {
  return VISEMES.map((name) => (name === viseme ? weight : 0));
}

/**
 * HeadAudio with the settings of its README.
 * @param {boolean} mends Its node ignores viseme 0 (`if ( viseme )`), so that aa is never shown; with true, 0 counts like the others.
 */
async function openHeadAudio(context, source, mends) {
  await context.audioWorklet.addModule('/headworklet.mjs');
  const node = new HeadAudio(context, {
    // A frame event comes for every 128 samples, after all others of these samples: so we know that nothing is on its way.
    processorOptions: { frameEventsEnabled: true },
    parameterData: { vadGateActiveDb: -40, vadGateInactiveDb: -60 },
  });
  let heard = 0;
  const listen = node.port.onmessage;
  node.port.onmessage = (message) => {
    listen(message);
    if (message.data.event === 'frame') heard++;
    if (mends && message.data.event === 'viseme' && message.data.viseme === 0) node.visemeActive = 0;
  };
  const smooth = VISEMES.map(() => 0);
  node.onvalue = (name, value) => {
    smooth[VISEMES.indexOf(name.slice('viseme_'.length))] = value;
  };
  await node.loadModel('/headaudio-model.bin');
  source.connect(node);
  const name = mends ? 'headaudio-mended' : 'headaudio';
  return {
    names: [`${name}-raw`, `${name}-smooth`],
    isCaughtUp: (quanta) => heard >= quanta,
    read(_timeMs, stepMs) {
      node.update(stepMs);
      return [oneHot(VISEMES[node.visemeActive]), smooth.slice()];
    },
  };
}

/** wawa-lipsync: one label a frame; smoothed as in its own demo, which moves towards the label by a share each frame. */
function openWawa(context, source) {
  const { AudioContext } = window;
  // It makes a context of its own; it shall be ours.
  window.AudioContext = function Ours() {
    return context;
  };
  const lipsync = new Lipsync();
  window.AudioContext = AudioContext;
  source.connect(lipsync.analyser);
  lipsync.analyser.connect(context.destination);
  const smooth = VISEMES.map(() => 0);
  const { performance } = window;
  return {
    names: ['wawa-raw', 'wawa-smooth'],
    read(timeMs) {
      Object.defineProperty(window, 'performance', { value: { now: () => timeMs }, configurable: true });
      lipsync.processAudio();
      Object.defineProperty(window, 'performance', { value: performance, configurable: true });
      const viseme = lipsync.viseme.slice('viseme_'.length);
      const isVowel = lipsync.state === 'vowel';
      VISEMES.forEach((name, i) => {
        if (name === viseme) smooth[i] += (1 - smooth[i]) * (isVowel ? 0.2 : 0.4);
        else smooth[i] -= smooth[i] * (isVowel ? 0.1 : 0.2);
      });
      return [oneHot(viseme), smooth.slice()];
    },
  };
}

/** wLipSync: weights times volume, as its README reads them; raw is the phoneme and the loudness of each message. */
async function openWLipSync(context, source, profile) {
  const node = await createWLipSyncNode(context, profile);
  let blocks = 0;
  let raw = oneHot('sil');
  const listen = node.port.onmessage;
  node.port.onmessage = (message) => {
    listen(message);
    blocks++;
    const { name, volume } = message.data;
    const level = (Math.log10(volume || 0) - node.minVolume) / (node.maxVolume - node.minVolume);
    raw = oneHot(WLIPSYNC_VISEMES[name], Math.min(1, Math.max(0, level)));
  };
  source.connect(node);
  return {
    names: ['wlipsync-raw', 'wlipsync-smooth'],
    isCaughtUp: (quanta) => blocks >= Math.floor((quanta * QUANTUM_SAMPLES) / WLIPSYNC_BLOCK_SAMPLES),
    read() {
      const smooth = VISEMES.map(() => 0);
      for (const [name, weight] of Object.entries(node.weights))
        smooth[VISEMES.indexOf(WLIPSYNC_VISEMES[name])] += weight * node.volume;
      return [raw, smooth];
    },
  };
}
