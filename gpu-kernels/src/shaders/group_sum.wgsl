// Sums over a workgroup.

var<workgroup> group_terms: array<Ext, 256>;

// The sum over all invocations whose number is this one's modulo `width`, a power of two: for the first `width`.
fn group_sum(local: u32, x: Ext, width: u32) -> Ext {
    workgroupBarrier();
    group_terms[local] = x;
    for (var half = 128u; half >= width; half >>= 1u) {
        workgroupBarrier();
        if (local < half) {
            group_terms[local] = ext_add(group_terms[local], group_terms[local + half]);
        }
    }
    return group_terms[local];
}
