// Re-decodes growing clips with sherpa-onnx: reads names of raw float files from standard input, writes one JSON line for each.
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import sherpa from 'sherpa-onnx-node';

const [model, work, cadence] = process.argv.slice(2);
const sampleRate = 16000;

// sherpa-onnx wants each token's bytes in base64; ours are SentencePiece pieces.
const pieces = JSON.parse(fs.readFileSync(path.join(model, 'tokens.json'), 'utf8'));
const tokens = path.join(work, 'tokens.txt');
const bytes = (piece) => {
  const hex = /^<0x([0-9A-F]{2})>$/.exec(piece);
  return hex ? Buffer.from([parseInt(hex[1], 16)]) : Buffer.from(piece.replaceAll('▁', ' '));
};
fs.writeFileSync(tokens, pieces.map((piece, id) => `${bytes(piece).toString('base64')} ${id}\n`).join(''));

const recognizer = new sherpa.OfflineRecognizer({
  featConfig: { sampleRate, featureDim: 80 },
  modelConfig: {
    moonshine: { encoder: path.join(model, 'encoder_model.onnx'), mergedDecoder: path.join(model, 'decoder_model_merged.onnx') },
    tokens,
    numThreads: 1,
    provider: 'cpu',
  },
});

const decode = (samples) => {
  const stream = recognizer.createStream();
  stream.acceptWaveform({ samples, sampleRate });
  recognizer.decode(stream);
  return recognizer.getResult(stream).text;
};

decode(new Float32Array(sampleRate * 2));
for await (const file of readline.createInterface({ input: process.stdin })) {
  const raw = fs.readFileSync(file);
  const samples = new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length));
  const step = Number(cadence) * sampleRate;
  const lengths = [];
  for (let length = step; length < samples.length; length += step) lengths.push(length);
  lengths.push(samples.length);
  const before = process.cpuUsage();
  const passes = lengths.map((length) => ({ at: length / sampleRate, text: decode(samples.subarray(0, length)) }));
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ cpu: (user + system) / 1e6, passes }));
}
