// Folds a piece of a word in bit-reversed order, LAYERS times (one or two). Params are what comes out, the first one's place in all that comes out, base-2 logarithms of the word's length and of how much longer the word is whose
// root of unity's inverse the powers are of, the inverse of a root of order four, what to divide by, and the challenges' places in the record.

@group(0) @binding(1) var<storage, read> word: array<u32>;
@group(0) @binding(2) var<storage, read> powers: array<u32>;
@group(0) @binding(3) var<storage, read_write> to: array<u32>;
@group(0) @binding(4) var<storage, read> record: array<u32>;

fn challenge(i: u32) -> Ext {
    return record_ext(params[6u + i]);
}

fn value(i: u32) -> Ext {
    return Ext(word[5u * i], word[5u * i + 1u], word[5u * i + 2u], word[5u * i + 3u], word[5u * i + 4u]);
}

// Twice the fold of the values at a point and its negative, of which the inverse is given.
fn folded(plus: Ext, minus: Ext, inverse: u32, challenge: Ext) -> Ext {
    return ext_between(ext_add(plus, minus), ext_scale(ext_sub(plus, minus), inverse), challenge);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = invocation(group, groups, local);
    if (i >= params[0]) {
        return;
    }
    let number = params[1] + i;
    let exponent = (reverseBits(number) >> (32u - (params[2] - LAYERS))) << params[3];
    let inverse = mul(powers[exponent & LOW_MASK], powers[LOW_MASK + 1u + (exponent >> LOG_LOW)]);
    var x = ext_zero();
    if (LAYERS == 1u) {
        x = folded(value(2u * i), value(2u * i + 1u), inverse, challenge(0u));
    } else {
        let low = folded(value(4u * i), value(4u * i + 1u), inverse, challenge(0u));
        let high = folded(value(4u * i + 2u), value(4u * i + 3u), mul(inverse, params[4]), challenge(0u));
        x = folded(low, high, mul(inverse, inverse), challenge(1u));
    }
    x = ext_scale(x, params[5]);
    let place = 5u * number;
    to[place] = x.a;
    to[place + 1u] = x.b;
    to[place + 2u] = x.c;
    to[place + 3u] = x.d;
    to[place + 4u] = x.e;
}
