//! How a hashed message is laid out in halves.
//!
//! A half is a digest, a constant, or eight words at consecutive addresses. Halves of words that
//! stand side by side have consecutive addresses throughout, so that an extension element may
//! straddle two of them: its five words are five addresses of one row that takes it apart.

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::hash::{DIGEST_BYTES, Digest, ELEMENT_BYTES, element_bytes};
use tern_verifier::ops::Item;

use super::address::Port;
use super::records::{AluOp, HalfRow, PackRow};
use super::{CircuitBuilder, HALF_WORDS, Half, Wire, coordinates};

/// One word of a message.
#[derive(Clone, Copy)]
enum Source {
    Constant(F),
    /// A base element, or a coordinate of an extension element.
    Variable {
        value: F,
    },
}

/// A wire that fills words.
struct Part {
    wire: Wire,
    /// Position of its first word.
    word: usize,
    /// Whether it fills five words.
    is_ext: bool,
}

/// Words between two digests.
#[derive(Default)]
struct Words {
    sources: Vec<Source>,
    parts: Vec<Part>,
}

impl Words {
    fn constant(&mut self, value: F) {
        self.sources.push(Source::Constant(value));
    }

    fn base(&mut self, wire: Wire) {
        let value = coordinates(wire.value())[0];
        if matches!(wire, Wire::Constant(_)) {
            return self.constant(value);
        }
        self.parts.push(Part { wire, word: self.sources.len(), is_ext: false });
        self.sources.push(Source::Variable { value });
    }

    fn ext(&mut self, wire: Wire) {
        let values = coordinates(wire.value());
        if matches!(wire, Wire::Constant(_)) {
            values.into_iter().for_each(|value| self.constant(value));
            return;
        }
        self.parts.push(Part { wire, word: self.sources.len(), is_ext: true });
        self.sources.extend(values.map(|value| Source::Variable { value }));
    }

    fn pad(&mut self) {
        self.sources.resize(self.sources.len().next_multiple_of(HALF_WORDS), Source::Constant(F::ZERO));
    }
}

impl CircuitBuilder {
    /// The halves of the items, with zeros before digests and at the end; `pad_to` is the multiple
    /// of bytes that is reached.
    pub(super) fn layout(&mut self, items: &[Item<Self>], pad_to: usize) -> Vec<Half> {
        let mut halves = Vec::new();
        let mut words = Words::default();
        for item in items {
            match item {
                Item::Constant(value) => words.constant(*value),
                Item::Base(wire) => words.base(*wire),
                Item::Ext(wire) => words.ext(*wire),
                Item::Digest(digest) => {
                    self.flush(&mut words, &mut halves);
                    halves.push(*digest);
                }
            }
        }
        self.flush(&mut words, &mut halves);
        let zero = self.constant_half([0; DIGEST_BYTES]);
        halves.resize(halves.len().next_multiple_of(pad_to.div_ceil(DIGEST_BYTES).max(1)), zero);
        halves
    }

    /// Turns words into halves.
    fn flush(&mut self, words: &mut Words, halves: &mut Vec<Half>) {
        words.pad();
        let Words { sources, parts } = core::mem::take(words);
        let addresses = self.word_addresses(&sources);
        for part in &parts {
            self.place(part, addresses[part.word]);
        }
        for (sources, addresses) in sources.chunks_exact(HALF_WORDS).zip(addresses.chunks_exact(HALF_WORDS)) {
            halves.push(self.half_of_words(sources, addresses[0]));
        }
    }

    /// Eight consecutive addresses for each half that is not constant, zeros for the others.
    fn word_addresses(&mut self, sources: &[Source]) -> Vec<u32> {
        let mut addresses = Vec::with_capacity(sources.len());
        for half in sources.chunks_exact(HALF_WORDS) {
            let is_constant = half.iter().all(|source| matches!(source, Source::Constant(_)));
            for source in half {
                let (Source::Constant(value) | Source::Variable { value }) = *source;
                addresses.push(if is_constant { 0 } else { self.wires.allocate(EF::from(value)) });
            }
        }
        addresses
    }

    /// Writes the words of an element.
    fn place(&mut self, part: &Part, first: u32) {
        let len = if part.is_ext { EXTENSION_DEGREE } else { 1 };
        let element = self.hold(&part.wire);
        for address in (first..).take(len) {
            self.wires.write(address);
        }
        if part.is_ext {
            self.pack.push(PackRow { element, coordinates: first });
            return;
        }
        let (one, zero) = (self.hold(&Wire::Constant(EF::ONE)), self.hold(&Wire::Constant(EF::ZERO)));
        self.alu.push(AluOp { ports: [element, one, zero, Port::Write(first)] });
    }

    fn half_of_words(&mut self, sources: &[Source], first: u32) -> Half {
        let mut value: Digest = [0; DIGEST_BYTES];
        for (source, bytes) in sources.iter().zip(value.as_chunks_mut::<ELEMENT_BYTES>().0) {
            let (Source::Constant(word) | Source::Variable { value: word }) = *source;
            *bytes = element_bytes(word);
        }
        if first == 0 {
            return self.constant_half(value);
        }
        for (source, address) in sources.iter().zip(first..) {
            if matches!(source, Source::Constant(_)) {
                self.write_constant(address);
            }
            self.wires.read(address);
        }
        let address = self.halves.allocate(value);
        let half = self.halves.write(address);
        self.half.push(HalfRow { half, words: Port::Read(first), canonical: true });
        Half { address, value }
    }
}
