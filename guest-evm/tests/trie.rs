//! The trie against alloy's `HashBuilder`: roots, lookups, updates, partial witnesses.

use std::collections::BTreeMap;

use alloy_primitives::{B256, keccak256};
use alloy_trie::{EMPTY_ROOT_HASH, HashBuilder, Nibbles};
use proptest::prelude::*;
use tern_guest_evm::trie::{self, Change, HashIndex, Ref, TrieError, build_nodes, get, ordered_root};

type Map = BTreeMap<[u8; 32], Vec<u8>>;

fn reference_root(map: &Map) -> B256 {
    let mut builder = HashBuilder::default();
    for (key, value) in map {
        builder.add_leaf(Nibbles::unpack(key), value);
    }
    builder.root()
}

fn changes(map: &BTreeMap<[u8; 32], Option<Vec<u8>>>) -> Vec<Change<'_>> {
    map.iter().map(|(key, value)| Change { key, value: value.as_deref() }).collect()
}

fn nodes_of(map: &Map) -> (B256, Vec<Vec<u8>>) {
    let changes: Vec<_> = map.iter().map(|(key, value)| Change { key, value: Some(value) }).collect();
    build_nodes(&changes).unwrap()
}

/// Keys that share long prefixes, so that extensions, deep branches and inline nodes occur.
fn key() -> impl Strategy<Value = [u8; 32]> {
    let nibble = prop_oneof![Just(0x00u8), Just(0x01), Just(0x10), Just(0xff)];
    (prop::collection::vec(nibble, 3), prop::collection::vec(0u8..4, 2), prop::bool::ANY).prop_map(|(head, tail, is_deep)| {
        let mut key = [0x11; 32];
        let at = if is_deep { 29 } else { 0 };
        key[at..at + 3].copy_from_slice(&head);
        key[30..].copy_from_slice(&tail);
        key
    })
}

/// Short values make nodes below 32 bytes, which stand inline in their parents.
fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![prop::collection::vec(1u8..=255, 1..3), prop::collection::vec(any::<u8>(), 1..70),]
}

fn map() -> impl Strategy<Value = Map> {
    prop::collection::btree_map(key(), value(), 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn roots_and_lookups_agree_with_the_reference(map in map(), absent in key()) {
        let (root, nodes) = nodes_of(&map);
        prop_assert_eq!(root, reference_root(&map));
        let items: Vec<&[u8]> = nodes.iter().map(Vec::as_slice).collect();
        let index = HashIndex::new(&items);
        for (key, value) in &map {
            prop_assert_eq!(get(&index, Ref::root(&root.0), key), Ok(Some(value.as_slice())));
        }
        let expected = map.get(&absent).map(Vec::as_slice);
        prop_assert_eq!(get(&index, Ref::root(&root.0), &absent), Ok(expected));
    }

    #[test]
    fn updates_agree_with_rebuilding(
        map in map(),
        inserts in prop::collection::btree_map(key(), value(), 0..20),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        absent in prop::collection::vec(key(), 0..5),
    ) {
        let mut batch: BTreeMap<[u8; 32], Option<Vec<u8>>> = BTreeMap::new();
        for pick in picks.iter().filter(|_| !map.is_empty()) {
            batch.insert(*map.keys().nth(pick.index(map.len())).unwrap(), None);
        }
        batch.extend(absent.into_iter().map(|key| (key, None)));
        batch.extend(inserts.into_iter().map(|(key, value)| (key, Some(value))));

        let mut expected = map.clone();
        for (key, value) in &batch {
            match value {
                Some(value) => expected.insert(*key, value.clone()),
                None => expected.remove(key),
            };
        }
        let (root, nodes) = nodes_of(&map);
        let items: Vec<&[u8]> = nodes.iter().map(Vec::as_slice).collect();
        let index = HashIndex::new(&items);
        let updated = trie::update(&index, Ref::root(&root.0), &changes(&batch)).unwrap();
        prop_assert_eq!(updated, reference_root(&expected));

        // What the update read is enough to do it again.
        let found: Vec<&[u8]> = index.found().collect();
        let partial = HashIndex::new(&found);
        let again = trie::update(&partial, Ref::root(&root.0), &changes(&batch)).unwrap();
        prop_assert_eq!(again, updated);
    }

    #[test]
    fn a_missing_or_broken_node_is_an_error(map in map(), pick in any::<prop::sample::Index>(), byte in any::<u8>()) {
        prop_assume!(!map.is_empty());
        let (root, nodes) = nodes_of(&map);
        let lost = pick.index(nodes.len());
        let mut items: Vec<&[u8]> = nodes.iter().map(Vec::as_slice).collect();
        let mut broken = items[lost].to_vec();
        let at = pick.index(broken.len());
        broken[at] = byte;
        items[lost] = &broken;
        let index = HashIndex::new(&items);
        let deletions = map.keys().map(|key| (*key, None)).collect();
        let lookups: Result<Vec<_>, _> = map.keys().map(|key| get(&index, Ref::root(&root.0), key)).collect();
        let update = trie::update(&index, Ref::root(&root.0), &changes(&deletions));
        if broken == nodes[lost] {
            prop_assert!(lookups.is_ok());
            prop_assert_eq!(update, Ok(EMPTY_ROOT_HASH));
        } else {
            let lost = TrieError::MissingNode(keccak256(&nodes[lost]));
            prop_assert_eq!(lookups.unwrap_err(), lost);
            prop_assert_eq!(update, Err(lost));
        }
    }

    #[test]
    fn hostile_nodes_never_panic(node in prop::collection::vec(any::<u8>(), 0..80), key in key(), other in key()) {
        // The root hash commits to arbitrary bytes.
        let root = keccak256(&node);
        let index = HashIndex::new(&[&node]);
        let _any = get(&index, Ref::root(&root.0), &key);
        let batch = BTreeMap::from([(key, Some(vec![1])), (other, None)]);
        let _any = trie::update(&index, Ref::root(&root.0), &changes(&batch));
    }

    #[test]
    fn hostile_lists_never_panic(
        items in prop::collection::vec(prop_oneof![
            Just(vec![0x80]),
            prop::collection::vec(any::<u8>(), 32).prop_map(|bytes| [vec![0xa0], bytes].concat()),
            prop::collection::vec(any::<u8>(), 1..34).prop_map(|bytes| alloy_rlp::encode(&bytes[..])),
            prop::collection::vec(0u8..0x80, 1..33).prop_map(|bytes| [vec![0xc0 + bytes.len() as u8], bytes].concat()),
        ], 1..19),
        key in key(),
        other in key(),
    ) {
        let payload = items.concat();
        let mut node = Vec::new();
        alloy_rlp::Header { list: true, payload_length: payload.len() }.encode(&mut node);
        node.extend_from_slice(&payload);
        let root = keccak256(&node);
        let index = HashIndex::new(&[&node]);
        let _any = get(&index, Ref::root(&root.0), &key);
        let batch = BTreeMap::from([(key, None), (other, Some(vec![1]))]);
        let _any = trie::update(&index, Ref::root(&root.0), &changes(&batch));
    }

    #[test]
    fn ordered_roots_agree_with_the_reference(items in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..50), 0..300)) {
        let slices: Vec<&[u8]> = items.iter().map(Vec::as_slice).collect();
        let expected = alloy_trie::root::ordered_trie_root_with_encoder(&items, |item, out| out.extend_from_slice(item));
        prop_assert_eq!(ordered_root(&slices), expected);
    }
}
