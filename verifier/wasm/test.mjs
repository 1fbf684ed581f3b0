// Tests the built package on a proof of an accepted run, its key, and the key of another program,
// on the frozen proofs about blocks, and on a proof of the program of KEY about a payload request
// of EIP-8025: test.mjs PROOF KEY OTHER_KEY VECTORS PAYLOAD
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { load, verify, verifyBlock, verifyPayload, version } from './pkg/index.js';

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
assert.ok(good.segments >= (good.kind === 'segments' ? 1 : 0) && good.milliseconds > 0);
const bits = { segments: ['138.7', '128.3'], final: ['138.2', '128.2'] };
assert.deepEqual([good.securityBits, good.provenBits].map((figure) => figure.toFixed(1)), bits[good.kind]);
assert.match(good.programDigest, /^[0-9a-f]{64}$/);
assert.deepEqual(new Uint8Array(proof.slice(7, 39)), Uint8Array.from(good.programDigest.match(/../g), (pair) => parseInt(pair, 16)));

await rejected('key', proof, key.slice(1));
await rejected('key', proof, new Uint8Array());
await rejected('not-a-proof', changed(0, flip));
await rejected('not-a-proof', Uint8Array.from({ length: 4096 }, (_, index) => (index * 73) & 255));
await rejected('unsupported', changed(4, () => 99));
await rejected('unsupported', changed(4, () => 1));
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

// Blocks.
const file = async (name) => new Uint8Array(await readFile(`${process.argv[5]}/${name}`));
const [mainnet, invented, invalid, fibonacci, earlier] = await Promise.all(
  ['block-mainnet.final', 'block-invented.final', 'block-invalid.final', 'fibonacci.final', 'v1/block-mainnet.final'].map(file),
);
const [blockKey, fibonacciKey] = await Promise.all(['block.vkey', 'fibonacci.vkey'].map(file));
const mainnetHash = '0xc19ed13283a0ccd0015cf8baf764f89b7e4ce60c452913f666b2381d4d6f3198';
const inventedConfig = '0xf4daa929547ed81ee00c994ba40842606ebc14276d76e85be81bb6e3fef75c01';
const accepted = await verifyBlock(mainnet, blockKey, { chain: 'mainnet', blockHash: mainnetHash });
assert.equal(accepted.ok, true, accepted.reason);
assert.equal(accepted.kind, 'final');
const { chain, chainId, valid, blockHash, parentHash, preStateRoot, postStateRoot } = accepted.block;
assert.deepEqual([chain, chainId, valid, blockHash], ['mainnet', 1n, true, mainnetHash]);
assert.equal(parentHash, '0x84922c3db7659e083f65531bae1612c29bd8e71c8339fed4b7ac719d364e0cdb');
assert.equal(preStateRoot, '0x06857fe12bec12070365357bbb4bb9b32b0b543b226c12395d8b437e5eb0ea62');
assert.equal(postStateRoot, '0xe9f95533d7f83b736fa4f972e04077bb2bc20dae511a9a1da270ff1411f5dfb1');
const refusedBlock = async (code, proof_, expected, key_ = blockKey) => {
  const result = await verifyBlock(proof_, key_, expected);
  assert.ok(!result.ok && result.code === code && result.reason.length > 0, `${code}: ${JSON.stringify(result, (_, value) => `${value}`)}`);
  return result.reason;
};
console.log(`an invented block of chain id 1: ${await refusedBlock('other-rules', invented, { chain: 'mainnet' })}`);
await refusedBlock('other-rules', invented, { chain: 'known' });
await refusedBlock('other-rules', mainnet, { chain: 'sepolia' });
await refusedBlock('other-rules', mainnet, { chain: inventedConfig });
await refusedBlock('other-block', mainnet, { chain: 'mainnet', blockHash: inventedConfig });
await refusedBlock('invalid-block', invalid, { chain: 'any' });
await refusedBlock('not-a-block', fibonacci, { chain: 'any' }, fibonacciKey);
await refusedBlock('program', fibonacci, { chain: 'any' });
assert.match(await refusedBlock('unsupported', earlier, { chain: 'mainnet' }), /version/);
assert.match(await refusedBlock('not-a-proof', blockKey, { chain: 'any' }), /verifying key, not a proof/);
assert.match(await refusedBlock('key', mainnet, { chain: 'any' }, mainnet), /proof, not a verifying key/);
for (const chain of ['any', inventedConfig]) {
  const { ok, block } = await verifyBlock(invented, blockKey, { chain });
  assert.deepEqual([ok, block.chain, block.chainId, block.chainConfig], [true, null, 1n, inventedConfig]);
}
await assert.rejects(verifyBlock(mainnet, blockKey), TypeError);
await assert.rejects(verifyBlock(mainnet, blockKey, { chain: 'mainet' }), RangeError);
await assert.rejects(verifyBlock(mainnet, blockKey, { chain: 'mainnet', blockHash: '0x12' }), RangeError);
await assert.rejects(verifyBlock(mainnet, blockKey, { chain: 'mainnet', blockHash: new Uint8Array(32) }), TypeError);

// Payload requests of EIP-8025.
const payloadProof = new Uint8Array(await readFile(process.argv[6]));
const { ok: payloadOk, payload } = await verifyPayload(payloadProof, key);
assert.deepEqual([payloadOk, payload.chain, payload.chainId, payload.valid], [true, 'mainnet', 1n, true]);
assert.match(payload.requestRoot, /^0x[0-9a-f]{64}$/);
const exactly = { requestRoot: payload.requestRoot, chainId: 1, schemaId: payload.schemaId };
assert.deepEqual((await verifyPayload(payloadProof, key, exactly)).payload, payload);
assert.deepEqual((await verifyPayload(payloadProof, key, { ...exactly, chainId: 1n })).payload, payload);
const refusedPayload = async (code, proof_, key_, expected) => {
  const result = await verifyPayload(proof_, key_, expected);
  assert.ok(!result.ok && result.code === code && result.reason.length > 0, `${code}: ${JSON.stringify(result, (_, value) => `${value}`)}`);
};
await refusedPayload('other-block', payloadProof, key, { ...exactly, requestRoot: inventedConfig });
await refusedPayload('other-rules', payloadProof, key, { ...exactly, chainId: 5 });
await refusedPayload('other-rules', payloadProof, key, { ...exactly, schemaId: payload.schemaId ^ 1 });
await refusedPayload('not-a-block', mainnet, blockKey, {});
await refusedPayload('program', payloadProof, fibonacciKey, {});
assert.equal((await verifyBlock(payloadProof, key, { chain: 'any' })).code, 'not-a-block');
for (const wrong of [{ requestRoot: '0x12' }, { requestRoot: '- -' }, { chainId: -1 }, { schemaId: 65536 }]) {
  await assert.rejects(verifyPayload(payloadProof, key, wrong), RangeError);
}
for (const wrong of [{ requestRoot: 1 }, { chainId: '1' }, { schemaId: 0.5 }, { root: '' }]) {
  await assert.rejects(verifyPayload(payloadProof, key, wrong), TypeError);
}
const { version: packageVersion } = JSON.parse(await readFile(new URL('package.json', import.meta.url), 'utf8'));
assert.deepEqual(await version(), { version: packageVersion, proofVersion: 2 });

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
