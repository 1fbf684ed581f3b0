/**
 * Makes the verifier ready. It is after the import; after a fault, which `verify_stark` throws, this
 * gives it fresh memory.
 */
export function main(): void;

/** The same, for those who await a package's default export. */
export default function init(): Promise<void>;

/**
 * Whether `proof` proves an Ethereum block, or a payload request of EIP-8025, to be valid under the
 * rules of a known chain (mainnet, Sepolia, Holesky, Hoodi), by a run of the block guest whose key
 * file is `vk`.
 *
 * False for everything else: a proof that does not hold, one of another program, of the verdict
 * "invalid", or of rules that no known chain has. Throws for arguments of other types, and if there
 * is no memory for the proof; never for the bytes in them.
 */
export function verify_stark(proof: Uint8Array, vk: Uint8Array): boolean;
