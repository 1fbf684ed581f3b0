// An element of `weights`, which a kernel declares: the weights of a layer's rounds (fractions_weights).

fn weights_ext(at: u32) -> Ext {
    return Ext(weights[at], weights[at + 1u], weights[at + 2u], weights[at + 3u], weights[at + 4u]);
}
