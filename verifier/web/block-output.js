// The block guest's public output: 184 bytes, described in guest-evm/src/output.rs.

const VERSION = 1n;
const BYTES = 184;

/**
 * Reads the output of the block guest.
 *
 * @param {Uint8Array} bytes
 * @returns the fields, or `undefined` for bytes that are not such an output
 */
export function readBlockOutput(bytes) {
  if (bytes.length !== BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [version, chainId, verdict] = [0, 8, 16].map((at) => view.getBigUint64(at, true));
  if (version !== VERSION || verdict > 1n) return undefined;
  const hash = (at) => '0x' + Array.from(bytes.subarray(at, at + 32), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return {
    chainId,
    valid: verdict === 1n,
    configHash: hash(24),
    blockHash: hash(56),
    parentHash: hash(88),
    preStateRoot: hash(120),
    postStateRoot: hash(152),
  };
}
