//! Merkle trees of SSZ (consensus-specs, `ssz/simple-serialize.md`; EIP-7916, EIP-7495).
//!
//! Leaves are chunks of 32 bytes. The cost is linear in the leaves that exist: what pads a tree to its limit is a constant.

use alloy_primitives::{B256, b256};

use super::sha256::digest_pair;

/// Depth of the deepest tree: 2^32 leaves are more than fit the machine's memory.
const MAX_DEPTH: usize = 32;

/// Subtrees of a progressive tree, of depths 0, 2, 4 and so on.
const MAX_SUBTREES: usize = MAX_DEPTH / 2 + 1;

/// A tree that takes its leaves from left to right.
struct Tree {
    /// At each level, the root of the full subtree that waits for its right sibling, where the leaves' number has a one.
    waiting: [B256; MAX_DEPTH + 1],
    leaves: u64,
}

impl Tree {
    fn new() -> Self {
        Self { waiting: [B256::ZERO; MAX_DEPTH + 1], leaves: 0 }
    }

    fn push(&mut self, leaf: B256) {
        let mut node = leaf;
        let mut level = 0;
        while self.leaves >> level & 1 == 1 {
            node = digest_pair(&self.waiting[level], &node);
            level += 1;
        }
        self.waiting[level] = node;
        self.leaves += 1;
    }

    /// The root, with zero leaves up to `2^depth`, of which there are no more.
    fn root(&self, depth: usize) -> B256 {
        debug_assert!(self.leaves <= 1 << depth);
        if self.leaves >> depth & 1 == 1 {
            return self.waiting[depth];
        }
        let mut last: Option<B256> = None;
        for (level, (waiting, zeros)) in self.waiting.iter().zip(&ZERO_ROOTS).enumerate().take(depth) {
            last = match (self.leaves >> level & 1 == 1, last) {
                (true, last) => Some(digest_pair(waiting, &last.unwrap_or(*zeros))),
                (false, Some(last)) => Some(digest_pair(&last, zeros)),
                (false, None) => None,
            };
        }
        last.unwrap_or(ZERO_ROOTS[depth])
    }
}

/// `merkleize`: the root of the tree of `2^depth` leaves that begins with these. There must be no more of them.
pub fn merkleize(leaves: impl IntoIterator<Item = B256>, depth: usize) -> B256 {
    let mut tree = Tree::new();
    leaves.into_iter().for_each(|leaf| tree.push(leaf));
    tree.root(depth)
}

/// `merkleize_progressive`: the root over subtrees of 1, 4, 16 and so on leaves, the first on the outside.
pub fn merkleize_progressive(leaves: impl IntoIterator<Item = B256>) -> B256 {
    let mut leaves = leaves.into_iter();
    let mut subtrees = [B256::ZERO; MAX_SUBTREES];
    let mut count = 0;
    loop {
        let depth = 2 * count;
        let mut tree = Tree::new();
        leaves.by_ref().take(1 << depth).for_each(|leaf| tree.push(leaf));
        if tree.leaves == 0 {
            break;
        }
        subtrees[count] = tree.root(depth);
        count += 1;
        if tree.leaves < 1 << depth {
            break;
        }
    }
    subtrees[..count].iter().rev().fold(B256::ZERO, |rest, subtree| digest_pair(subtree, &rest))
}

/// `mix_in_length`.
pub fn mix_in_length(root: &B256, length: usize) -> B256 {
    digest_pair(root, &uint64(length as u64))
}

/// `mix_in_active_fields` for a container whose first `count` fields, at most 64, are all active.
pub fn mix_in_active_fields(root: &B256, count: u32) -> B256 {
    digest_pair(root, &uint64(u64::MAX >> (64 - count)))
}

/// The chunk of a number.
pub fn uint64(number: u64) -> B256 {
    let mut chunk = B256::ZERO;
    chunk[..8].copy_from_slice(&number.to_le_bytes());
    chunk
}

/// `pack`: bytes as chunks, the last one filled with zeros.
pub fn chunks(bytes: &[u8]) -> impl Iterator<Item = B256> {
    bytes.chunks(32).map(B256::right_padding_from)
}

/// Depth of the smallest tree that has `leaves` leaves.
pub const fn depth(leaves: usize) -> usize {
    leaves.next_power_of_two().trailing_zeros() as usize
}

/// Roots of the trees of zero leaves, by depth.
const ZERO_ROOTS: [B256; MAX_DEPTH + 1] = [
    B256::ZERO,
    b256!("f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"),
    b256!("db56114e00fdd4c1f85c892bf35ac9a89289aaecb1ebd0a96cde606a748b5d71"),
    b256!("c78009fdf07fc56a11f122370658a353aaa542ed63e44c4bc15ff4cd105ab33c"),
    b256!("536d98837f2dd165a55d5eeae91485954472d56f246df256bf3cae19352a123c"),
    b256!("9efde052aa15429fae05bad4d0b1d7c64da64d03d7a1854a588c2cb8430c0d30"),
    b256!("d88ddfeed400a8755596b21942c1497e114c302e6118290f91e6772976041fa1"),
    b256!("87eb0ddba57e35f6d286673802a4af5975e22506c7cf4c64bb6be5ee11527f2c"),
    b256!("26846476fd5fc54a5d43385167c95144f2643f533cc85bb9d16b782f8d7db193"),
    b256!("506d86582d252405b840018792cad2bf1259f1ef5aa5f887e13cb2f0094f51e1"),
    b256!("ffff0ad7e659772f9534c195c815efc4014ef1e1daed4404c06385d11192e92b"),
    b256!("6cf04127db05441cd833107a52be852868890e4317e6a02ab47683aa75964220"),
    b256!("b7d05f875f140027ef5118a2247bbb84ce8f2f0f1123623085daf7960c329f5f"),
    b256!("df6af5f5bbdb6be9ef8aa618e4bf8073960867171e29676f8b284dea6a08a85e"),
    b256!("b58d900f5e182e3c50ef74969ea16c7726c549757cc23523c369587da7293784"),
    b256!("d49a7502ffcfb0340b1d7885688500ca308161a7f96b62df9d083b71fcc8f2bb"),
    b256!("8fe6b1689256c0d385f42f5bbe2027a22c1996e110ba97c171d3e5948de92beb"),
    b256!("8d0d63c39ebade8509e0ae3c9c3876fb5fa112be18f905ecacfecb92057603ab"),
    b256!("95eec8b2e541cad4e91de38385f2e046619f54496c2382cb6cacd5b98c26f5a4"),
    b256!("f893e908917775b62bff23294dbbe3a1cd8e6cc1c35b4801887b646a6f81f17f"),
    b256!("cddba7b592e3133393c16194fac7431abf2f5485ed711db282183c819e08ebaa"),
    b256!("8a8d7fe3af8caa085a7639a832001457dfb9128a8061142ad0335629ff23ff9c"),
    b256!("feb3c337d7a51a6fbf00b9e34c52e1c9195c969bd4e7a0bfd51d5c5bed9c1167"),
    b256!("e71f0aa83cc32edfbefa9f4d3e0174ca85182eec9f3a09f6a6c0df6377a510d7"),
    b256!("31206fa80a50bb6abe29085058f16212212a60eec8f049fecb92d8c8e0a84bc0"),
    b256!("21352bfecbeddde993839f614c3dac0a3ee37543f9b412b16199dc158e23b544"),
    b256!("619e312724bb6d7c3153ed9de791d764a366b389af13c58bf8a8d90481a46765"),
    b256!("7cdd2986268250628d0c10e385c58c6191e6fbe05191bcc04f133f2cea72c1c4"),
    b256!("848930bd7ba8cac54661072113fb278869e07bb8587f91392933374d017bcbe1"),
    b256!("8869ff2c22b28cc10510d9853292803328be4fb0e80495e8bb8d271f5b889636"),
    b256!("b5fe28e79f1b850f8658246ce9b6a1e7b49fc06db7143e8fe0b4f2b0c5523a5c"),
    b256!("985e929f70af28d0bdd1a90a808f977f597c7c778c489e98d3bd8910d31ac0f7"),
    b256!("c6f67e02e6e4e1bdefb994c6098953f34636ba2b6ca20a4721d2b26a886722ff"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_roots_are_those_of_zero_leaves() {
        for depth in 1..=MAX_DEPTH {
            assert_eq!(ZERO_ROOTS[depth], digest_pair(&ZERO_ROOTS[depth - 1], &ZERO_ROOTS[depth - 1]), "{depth}");
        }
    }

    /// The definition, level by level, with every padding leaf written out.
    fn by_definition(mut nodes: alloc::vec::Vec<B256>, depth: usize) -> B256 {
        nodes.resize(1 << depth, B256::ZERO);
        while nodes.len() > 1 {
            nodes = nodes.chunks(2).map(|pair| digest_pair(&pair[0], &pair[1])).collect();
        }
        nodes[0]
    }

    #[test]
    fn roots_are_those_of_the_padded_tree() {
        for depth in 0..6 {
            for count in 0..=1usize << depth {
                let leaves: alloc::vec::Vec<B256> = (0..count).map(|leaf| B256::repeat_byte(leaf as u8 + 1)).collect();
                assert_eq!(merkleize(leaves.clone(), depth), by_definition(leaves, depth), "{count} of 2^{depth}");
            }
        }
    }

    /// EIP-7916's recursion as it stands there.
    fn progressive_by_definition(leaves: &[B256], size: usize) -> B256 {
        if leaves.is_empty() {
            return B256::ZERO;
        }
        let (first, rest) = leaves.split_at(leaves.len().min(size));
        digest_pair(&by_definition(first.to_vec(), depth(size)), &progressive_by_definition(rest, size * 4))
    }

    #[test]
    fn progressive_roots_are_those_of_the_recursion() {
        for count in (0..90).chain([340, 341, 342, 1_365, 1_366]) {
            let leaves: alloc::vec::Vec<B256> = (0..count).map(|leaf| uint64(leaf + 1)).collect();
            assert_eq!(merkleize_progressive(leaves.clone()), progressive_by_definition(&leaves, 1), "{count}");
        }
    }
}
