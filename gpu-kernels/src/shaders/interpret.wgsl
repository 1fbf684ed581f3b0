// Takes the steps of a program that is data, four words each: operation and slot of the result, then operands. Around it are `Value` with its arithmetic, `slot` and `put`, and what is loaded and taken.

fn interpret(first: u32, end: u32) {
    for (var p = first; p < end; p += 4u) {
        let head = code[p];
        let to = head >> 8u;
        let a = code[p + 1u];
        let b = code[p + 2u];
        switch head & 255u {
            case 0u: { put(to, load(a)); }
            case 1u: { put(to, value_of(a)); }
            case 2u: { put(to, value_of(public_value(a))); }
            case 3u: { put(to, value_add(slot(a), slot(b))); }
            case 4u: { put(to, value_sub(slot(a), slot(b))); }
            case 5u: { put(to, value_mul(slot(a), slot(b))); }
            case 6u: { put(to, value_add(value_mul(slot(a), slot(b)), slot(code[p + 3u]))); }
            case 7u: { put(to, value_scale(slot(a), b)); }
            case 8u: { take(slot(a), b); }
            default: { take(load(a), b); }
        }
    }
}
