/** A proof that holds. */
export interface Accepted {
  ok: true;
  /** `segments`: a chain of segment proofs; `final`: one proof. */
  kind: 'segments' | 'final' | string;
  /** Number of segment proofs in it; 0 for a final proof, which does not tell. */
  segments: number;
  /** Exit code of the run. */
  exitCode: number;
  /** Security in bits of the weakest layer, under the conjecture that README.md names. */
  securityBits: number;
  /** The same, as far as it is proven. */
  provenBits: number;
  /** Digest of the program's verifying key, hexadecimal. */
  programDigest: string;
  /** Everything that the program wrote. */
  output: Uint8Array;
  /** Length of the proof. */
  proofBytes: number;
  /** Time that verification took. */
  milliseconds: number;
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
 * - `internal`: a fault of the verifier, or not enough memory
 */
export type RejectionCode = 'key' | 'not-a-proof' | 'unsupported' | 'malformed' | 'program' | 'exit-code' | 'false' | 'internal';

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

/** Checks that `proof` proves a run of the program whose key file is `vk`. Throws for arguments of wrong types, never for the bytes in them. */
export function verify(proof: Uint8Array, vk: Uint8Array, expected?: Expected): Promise<Accepted | Rejected>;

/** Loads the module. `verify` does it by itself; call it to load earlier, or from elsewhere than beside `index.js`. */
export function load(source?: BufferSource | WebAssembly.Module): Promise<void>;
