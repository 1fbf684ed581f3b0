// Tests the built package on a proof of an accepted run, its key, and the key of another program: test.mjs PROOF KEY OTHER_KEY
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { load, verify } from './pkg/index.js';

const [proof, key, otherKey] = await Promise.all(process.argv.slice(2, 5).map(async (path) => new Uint8Array(await readFile(path))));
const rejected = async (code, proof_, key_ = key, expected) => {
  const result = await verify(proof_, key_, expected);
  assert.equal(result.ok, false);
  assert.equal(result.code, code, result.reason);
  assert.ok(result.reason.length > 0);
};
const changed = (at, change) => {
  const bytes = proof.slice();
  bytes[at] = change(bytes[at]);
  return bytes;
};
const flip = (byte) => byte ^ 1;

const good = await verify(proof, key);
assert.equal(good.ok, true, good.reason);
assert.equal(good.exitCode, 0);
assert.equal(good.proofBytes, proof.length);
assert.equal(good.kind, ['segments', 'final'][proof[5] - 1]);
assert.ok(good.segments >= (good.kind === 'segments' ? 1 : 0) && good.securityBits >= 128 && good.provenBits > 0 && good.milliseconds > 0);
assert.match(good.programDigest, /^[0-9a-f]{64}$/);
assert.deepEqual(new Uint8Array(proof.slice(7, 39)), Uint8Array.from(good.programDigest.match(/../g), (pair) => parseInt(pair, 16)));

await rejected('key', proof, key.slice(1));
await rejected('key', proof, new Uint8Array());
await rejected('not-a-proof', changed(0, flip));
await rejected('not-a-proof', Uint8Array.from({ length: 4096 }, (_, index) => (index * 73) & 255));
await rejected('unsupported', changed(4, () => 99));
await rejected('unsupported', changed(5, () => 99));
await rejected('unsupported', changed(6, () => 99));
await rejected('malformed', proof.slice(0, -1));
await rejected('malformed', new Uint8Array());
await rejected('malformed', new Uint8Array([...proof, 0]));
await rejected('program', proof, otherKey);
await rejected('exit-code', proof, key, { exitCode: 1 });
for (let part = 1; part < 8; part++) {
  const result = await verify(changed(Math.floor((proof.length * part) / 8), flip), key);
  assert.ok(!result.ok && ['false', 'malformed'].includes(result.code), result.reason);
}

// Calls at the same time keep to their own bytes.
const together = await Promise.all([verify(proof, key), verify(proof, otherKey), verify(changed(0, flip), key), verify(proof, key)]);
assert.deepEqual(together.map((result) => result.ok), [true, false, false, true]);

await assert.rejects(verify('proof', key), TypeError);
await assert.rejects(verify(proof, key, { exitCode: -1 }), RangeError);
await assert.rejects(load(new Uint8Array(8)), WebAssembly.CompileError);
await load();
const times = [];
for (let round = 0; round < 5; round++) times.push((await verify(proof, key)).milliseconds);
console.log(`node ${process.version}: ${proof.length} bytes verified in ${Math.min(...times).toFixed(0)} ms (best of ${times.length}), rejections as expected`);
