// Rejections in words.

/** What people call the known chains. */
export const NETWORKS = { mainnet: 'Ethereum mainnet', sepolia: 'Sepolia', holesky: 'Holesky', hoodi: 'Hoodi' };

/**
 * A title and sentences for a rejection.
 *
 * @param {string} code
 * @param {{ chain?: string, exitCode?: number }} expected what was expected of the proof
 * @param {string} reason what the verifier, or the browser, says
 */
export function refusal(code, { chain, exitCode }, reason) {
  const title = TITLES[code] ?? `Rejected: ${code}`;
  switch (code) {
    case 'key':
      return { title, text: 'The key file is not the verifying key of a program, so nothing can be checked.' };
    case 'not-a-proof':
      return { title, text: 'This file is something else than a proof of Tern.' };
    case 'unsupported':
      return { title, text: 'It was made by another version of the prover than this page can check.' };
    case 'malformed':
      return { title, text: 'The file is cut short, too long, or damaged.' };
    case 'program':
      return { title, text: 'It says something about a run of another program than the one expected here.' };
    case 'exit-code':
      return { title, text: `The program ended with another exit code than ${exitCode ?? 0}.` };
    case 'false':
      return { title, text: 'It does not prove what it claims. Do not rely on anything in it.' };
    case 'not-a-block':
      return { title, text: 'The proof holds, but says nothing about a block.' };
    case 'invalid-block':
      return { title, text: 'The proof holds, but what it proves is the verdict “invalid”: the block was not shown to be valid.' };
    case 'other-rules':
      return { title, text: otherRules(chain) };
    case 'other-block':
      return { title, text: 'The proof holds, but is about another block than the one that you asked for.' };
    case 'file':
      return { title, text: reason };
    default:
      return { title, text: 'This is a fault of the verifier, or there is not enough memory.' };
  }
}

const TITLES = {
  key: 'Rejected: not a verifying key',
  'not-a-proof': 'Rejected: not a proof',
  unsupported: 'Rejected: a proof of another version',
  malformed: 'Rejected: a damaged proof',
  program: 'Rejected: a proof of another program',
  'exit-code': 'Rejected: another exit code',
  false: 'Rejected: a false proof',
  'not-a-block': 'Rejected: not about a block',
  'invalid-block': 'Rejected: the block was not shown to be valid',
  'other-rules': 'Rejected: a block under other rules',
  'other-block': 'Rejected: another block',
  internal: 'The verifier failed',
  file: 'Nothing was checked',
};

function otherRules(chain) {
  if (chain === 'known') {
    return 'The proof holds, but under rules that none of the networks in the list has. Whoever made it may have invented them, and its block.';
  }
  const rules = NETWORKS[chain] === undefined ? 'those of the chain configuration that you gave' : `those of ${NETWORKS[chain]}`;
  return `The proof holds, but under other rules than ${rules}.`;
}
