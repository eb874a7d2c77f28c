/**
 * One decoder step of Moonshine's shipped graph through a stock binding (onnxruntime-node), for comparison with `Step_of_one_token` of
 * `perf/Benchmarks` with Prepared=False: same file, same runtime, one thread, 11 s of audio, 20 tokens before.
 *   npm ci --ignore-scripts && node step.mjs [MODEL_FOLDER] [STEPS]
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ort from 'onnxruntime-node';

const folder = process.argv[2] ?? fileURLToPath(new URL('../../models/installed/moonshine-tiny/', import.meta.url));
const steps = Number(process.argv[3] ?? 60);
const seconds = 11;
const tokensBefore = 20;
const layers = 6;
const options = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all' };
const int64 = (values) => new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);

const encoder = await ort.InferenceSession.create(join(folder, 'encoder_model.onnx'), options);
const decoder = await ort.InferenceSession.create(join(folder, 'decoder_model_merged.onnx'), options);
const audio = Float32Array.from({ length: seconds * 16_000 }, (_, i) => 0.1 * Math.sin(i / 20) * Math.sin(i / 3000));
const [hidden] = Object.values(await encoder.run({ [encoder.inputNames[0]]: new ort.Tensor('float32', audio, [1, audio.length]) }));

function feeds(tokens, past, useCache) {
  const inputs = { input_ids: int64(tokens), encoder_hidden_states: hidden, use_cache_branch: new ort.Tensor('bool', [useCache], [1]), ...past };
  return Object.fromEntries(decoder.inputNames.map((name) => [name, inputs[name]]));
}

const names = [];
for (let layer = 0; layer < layers; layer++) {
  for (const side of ['decoder', 'encoder']) for (const part of ['key', 'value']) names.push(`${layer}.${side}.${part}`);
}
const nothing = Object.fromEntries(names.map((name) => [`past_key_values.${name}`, new ort.Tensor('float32', new Float32Array(0), [1, 8, 0, 36])]));
const first = await decoder.run(feeds([1, ...Array(tokensBefore - 1).fill(300)], nothing, false));
const past = Object.fromEntries(names.map((name) => [`past_key_values.${name}`, first[`present.${name}`]]));

const times = [];
for (let i = 0; i < steps + 5; i++) {
  const begun = performance.now();
  await decoder.run(feeds([300], past, true));
  if (i >= 5) times.push(performance.now() - begun);
}
times.sort((a, b) => a - b);
console.log(JSON.stringify({ binding: 'onnxruntime-node', steps, fastest_ms: +times[0].toFixed(2), median_ms: +times[times.length >> 1].toFixed(2) }));
