/** What every proof that holds shows. */
export interface AcceptedProof {
  ok: true;
  /** `segments`: a chain of segment proofs; `final`: one proof. */
  kind: 'segments' | 'final' | string;
  /** Number of segment proofs in it; 0 for a final proof, which does not tell. */
  segments: number;
  /** Exit code of the run. */
  exitCode: number;
  /** Security in bits of the weakest layer under the conjecture that is in use elsewhere: for comparison, nothing relies on it. */
  securityBits: number;
  /** The same as it is proven, without a conjecture. */
  provenBits: number;
  /** Digest of the program's verifying key, hexadecimal. */
  programDigest: string;
  /** Length of the proof. */
  proofBytes: number;
  /** Time that verification took. */
  milliseconds: number;
}

/** A proof of a run of a program. */
export interface Accepted extends AcceptedProof {
  /** Everything that the program wrote. */
  output: Uint8Array;
}

/** A proof that a block is valid. */
export interface AcceptedBlock extends AcceptedProof {
  block: Block;
}

/** What is proved about a block. Hashes are `0x` and 64 hexadecimal digits. */
export interface Block {
  /** The known chain with this configuration: `mainnet`, `sepolia`, `holesky` or `hoodi`; `null` if there is none, which only `any` and a hash allow. */
  chain: string | null;
  /** EIP-155 chain id. */
  chainId: bigint;
  /** The verdict: always true, as a proof of the other one is rejected. */
  valid: boolean;
  /** Keccak-256 of the chain configuration: chain id, deposit contract and fork schedule. */
  chainConfig: string;
  blockHash: string;
  parentHash: string;
  /** State root before the block. */
  preStateRoot: string;
  /** State root after the block. */
  postStateRoot: string;
  /** Gas used by the block. */
  gasUsed: bigint;
}

/** A proof that a payload request of EIP-8025 is valid. */
export interface AcceptedPayload extends AcceptedProof {
  payload: Payload;
}

/** What is proved about a payload request. */
export interface Payload {
  /**
   * The known chain with this id: `mainnet`, `sepolia`, `holesky` or `hoodi`; `null` if there is
   * none. The rules are those that the guest knows for it.
   */
  chain: string | null;
  /** EIP-155 chain id. */
  chainId: bigint;
  /** The input's schema; its high byte is the number of the fork whose rules held. */
  schemaId: number;
  /** The verdict: always true, as a proof of the other one is rejected. */
  valid: boolean;
  /** SSZ hash tree root of the `NewPayloadRequest`: `0x` and 64 hexadecimal digits. */
  requestRoot: string;
}

/**
 * What is wrong with a proof.
 *
 * - `key`: the verifying key is not one of a program
 * - `not-a-proof`: the bytes are not a proof of this system
 * - `unsupported`: a proof of another version, kind or parameter set, or made with other circuits
 * - `malformed`: a proof that is truncated, too long, or encoded wrongly
 * - `program`: a proof of another program
 * - `exit-code`: the program ended with another exit code
 * - `false`: a well-formed proof that does not prove what it claims
 * - `not-a-block`: a proof that holds, of a program whose output is not about a block, or not about a payload request
 * - `invalid-block`: a proof that holds, of the verdict that the block or payload was not shown to be valid
 * - `other-rules`: a proof that holds, about a block under other rules than those expected, or a payload of another chain or schema
 * - `other-block`: a proof that holds, about another block or payload request
 * - `internal`: a fault of the verifier, or not enough memory
 */
export type RejectionCode =
  | 'key'
  | 'not-a-proof'
  | 'unsupported'
  | 'malformed'
  | 'program'
  | 'exit-code'
  | 'false'
  | 'not-a-block'
  | 'invalid-block'
  | 'other-rules'
  | 'other-block'
  | 'internal';

/** A proof that is rejected. */
export interface Rejected {
  ok: false;
  code: RejectionCode;
  /** For people: what was expected and what was found. */
  reason: string;
}

export interface Expected {
  /** Exit code that the run must have; 0 unless given. */
  exitCode?: number;
}

export interface ExpectedBlock {
  /**
   * Under which rules: those of a chain, `known` for any of these, or the hash of a chain configuration. `any` accepts rules that the proof's maker
   * invented, under which any block may be valid.
   */
  chain: 'mainnet' | 'sepolia' | 'holesky' | 'hoodi' | 'known' | 'any' | `0x${string}`;
  /** Hash that the block must have: 64 hexadecimal digits, with `0x` or without. */
  blockHash?: string;
}

/**
 * Checks that `proof` proves a block to be valid, by a run of the block guest whose key file is `vk`. Throws for arguments that make no sense, never for
 * the bytes of proof and key.
 */
export function verifyBlock(proof: Uint8Array, vk: Uint8Array, expected: ExpectedBlock): Promise<AcceptedBlock | Rejected>;

/** What EIP-8025 asks a verifier to expect. What is left out may be any. */
export interface ExpectedPayload {
  /** SSZ hash tree root of the `NewPayloadRequest`: 64 hexadecimal digits, with `0x` or without. */
  requestRoot?: string;
  /** EIP-155 chain id. */
  chainId?: bigint | number;
  /** Id of the input's schema, such as 0x1501. */
  schemaId?: number;
}

/**
 * Checks that `proof` proves a payload request of EIP-8025 to be valid, by a run of the block guest
 * whose key file is `vk`. Throws for arguments that make no sense, never for the bytes of proof and
 * key.
 */
export function verifyPayload(proof: Uint8Array, vk: Uint8Array, expected?: ExpectedPayload): Promise<AcceptedPayload | Rejected>;

/** The versions of this package and of the proof format that it reads. */
export function version(): Promise<{ version: string; proofVersion: number }>;

/** Checks that `proof` proves a run of the program whose key file is `vk`. Throws for arguments of wrong types, never for the bytes in them. */
export function verify(proof: Uint8Array, vk: Uint8Array, expected?: Expected): Promise<Accepted | Rejected>;

/** Loads the module. `verify` does it by itself; call it to load earlier, or from elsewhere than beside `index.js`. */
export function load(source?: BufferSource | WebAssembly.Module): Promise<void>;
