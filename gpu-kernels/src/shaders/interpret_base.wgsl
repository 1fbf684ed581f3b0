// Values of the base field; a workgroup's slots lie one after the other, with its invocations beside each other.

alias Value = u32;

var<private> first_slot: u32;

fn slot(i: u32) -> u32 {
    return slots[first_slot + 256u * i];
}

fn put(i: u32, x: u32) {
    slots[first_slot + 256u * i] = x;
}

fn value_of(x: u32) -> u32 {
    return x;
}

fn value_add(x: u32, y: u32) -> u32 {
    return add(x, y);
}

fn value_sub(x: u32, y: u32) -> u32 {
    return sub(x, y);
}

fn value_mul(x: u32, y: u32) -> u32 {
    return mul(x, y);
}

fn value_scale(x: u32, y: u32) -> u32 {
    return mul(x, y);
}
