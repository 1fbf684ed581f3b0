//! The effective address of a load or store.

use p3_field::{Field, PrimeCharacteristicRing};
use tern_field::F;
use tern_field::word::Word;

use crate::builder::{ChipBuilder, Label};
use crate::columns;
use crate::gadgets::{self, Limbs};
use crate::lookups::Count;
use crate::records::MemoryRecord;

/// Where a load or store goes: `base + immediate`, below 2^32.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct AddressCols<T> {
    /// The two lower limbs of the base register's value; from the memory bus. The upper two follow
    /// from the rest.
    pub base: [T; 2],
    /// Low half of the immediate; from the program bus.
    pub imm0: T,
    /// Sign of the immediate; from the program bus.
    pub imm_sign: T,
    /// Bits 3 to 15 of the address; range-checked here.
    pub dword_low: T,
    /// Bits 16 to 31 of the address; range-checked here.
    pub high: T,
}

columns!(AddressCols);

/// Labels of an address.
#[derive(Clone, Copy, Debug)]
pub struct AddressLabels {
    /// The carries of the sum are boolean.
    pub carry: Label,
    /// The sum does not reach 2^32.
    pub wrap: Label,
    /// Range of [`AddressCols::dword_low`].
    pub dword_low: Label,
    /// Range of [`AddressCols::high`].
    pub high: Label,
}

/// The labels of an address: `address_labels!("load")` is `load::address_carry` and so on.
#[macro_export]
macro_rules! address_labels {
    ($chip:literal) => {
        $crate::address::AddressLabels {
            carry: concat!($chip, "::address_carry"),
            wrap: concat!($chip, "::address_wrap"),
            dword_low: concat!($chip, "::address_dword_low"),
            high: concat!($chip, "::address_high"),
        }
    };
}

/// What an address determines.
pub struct Address<E> {
    /// Value of the base register.
    pub base: Limbs<E>,
    /// Index of the dword, below 2^29.
    pub index: E,
}

/// Given `offset < 8`, an immediate from the program bus and a caller that reads [`Address::base`]
/// from the base register, proves over the integers that `base + immediate = 8 * index + offset`
/// with `index < 2^29`.
///
/// With carries `c0`, `c1` out of the two lower limbs and the immediate's sign `s`, the sum is
/// `8 * index + offset + 2^32 (base_high + c1 - s)`, so it lies in `0 .. 2^32` if and only if the
/// upper half of the base is `s - c1`: an expression. Of its three values, -1 is excluded. A base
/// above 2^64 - 2^11 whose sum wraps to a small address needs no row: the null page has no cells.
pub fn address<B: ChipBuilder>(
    builder: &mut B,
    labels: AddressLabels,
    cols: &AddressCols<B::Var>,
    offset: B::Expr,
    active: B::Expr,
) -> Address<B::Expr> {
    let inverse = F::from_u32(1 << 16).inverse();
    let [base0, base1]: [B::Expr; 2] = cols.base.map(Into::into);
    let (sign, dword_low, high): (B::Expr, B::Expr, B::Expr) = (cols.imm_sign.into(), cols.dword_low.into(), cols.high.into());
    gadgets::bits(builder, labels.dword_low, 13, cols.dword_low, active.clone());
    gadgets::bits(builder, labels.high, 16, cols.high, active);

    let low = dword_low.clone() * B::constant(8) + offset;
    let carry0 = (base0.clone() + cols.imm0 - low) * inverse;
    let carry1 = (base1.clone() + sign.clone() * B::constant(0xffff) + carry0.clone() - high.clone()) * inverse;
    builder.check_bool(labels.carry, carry0);
    builder.check_bool(labels.carry, carry1.clone());
    builder.check(labels.wrap, carry1.clone() * (B::Expr::ONE - sign.clone()));
    Address { base: [base0, base1, sign - carry1, B::Expr::ZERO], index: dword_low + high * B::constant(1 << 13) }
}

/// The columns of an access, whose lookups are counted.
pub fn fill<W: Word>(access: &MemoryRecord<W>, lookups: &mut impl Count<W>) -> AddressCols<W> {
    let [dword_low, high] = [access.addr.bits(3, 13), access.addr.bits(16, 16)];
    let [imm0, _, imm_sign] = access.imm_parts();
    let [base0, base1, ..] = access.base().limbs();
    lookups.count_bits(W::from(13), dword_low, W::from(1));
    lookups.count_bits(W::from(16), high, W::from(1));
    AddressCols { base: [base0, base1], imm0, imm_sign, dword_low, high }
}
