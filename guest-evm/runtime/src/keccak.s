# void tern_keccak256(const uint8_t *bytes, size_t length, uint8_t digest[32])
#
# The twin in Rust is accelerators/keccak.rs. The sponge's state lies on the stack; its first block is copied
# instead of added to zeros, and the last one enters an unrolled loop at the right lane.
#
# t5: next byte; a1: bytes left; a2: digest; a7, a0: the permutation's call and argument.

.section .text.tern_keccak256,"ax",@progbits
.globl tern_keccak256
.type tern_keccak256,@function
.option push
.option norelax
tern_keccak256:
    addi    sp, sp, -208
    mv      t5, a0
    mv      t4, a1
    mv      a0, sp
    li      a7, 256
    li      t6, 136
    bltu    a1, t6, .Lkeccak_only_block
    ld      t0, 0(t5)
    sd      t0, 0(sp)
    ld      t0, 8(t5)
    sd      t0, 8(sp)
    ld      t0, 16(t5)
    sd      t0, 16(sp)
    ld      t0, 24(t5)
    sd      t0, 24(sp)
    ld      t0, 32(t5)
    sd      t0, 32(sp)
    ld      t0, 40(t5)
    sd      t0, 40(sp)
    ld      t0, 48(t5)
    sd      t0, 48(sp)
    ld      t0, 56(t5)
    sd      t0, 56(sp)
    ld      t0, 64(t5)
    sd      t0, 64(sp)
    ld      t0, 72(t5)
    sd      t0, 72(sp)
    ld      t0, 80(t5)
    sd      t0, 80(sp)
    ld      t0, 88(t5)
    sd      t0, 88(sp)
    ld      t0, 96(t5)
    sd      t0, 96(sp)
    ld      t0, 104(t5)
    sd      t0, 104(sp)
    ld      t0, 112(t5)
    sd      t0, 112(sp)
    ld      t0, 120(t5)
    sd      t0, 120(sp)
    ld      t0, 128(t5)
    sd      t0, 128(sp)
    sd      zero, 136(sp)
    sd      zero, 144(sp)
    sd      zero, 152(sp)
    sd      zero, 160(sp)
    sd      zero, 168(sp)
    sd      zero, 176(sp)
    sd      zero, 184(sp)
    sd      zero, 192(sp)
    ecall
    addi    a1, a1, -136
    addi    t5, t5, 136
    bltu    a1, t6, .Lkeccak_last_block
1:
    ld      t0, 0(t5)
    ld      t1, 0(sp)
    xor     t0, t0, t1
    sd      t0, 0(sp)
    ld      t0, 8(t5)
    ld      t1, 8(sp)
    xor     t0, t0, t1
    sd      t0, 8(sp)
    ld      t0, 16(t5)
    ld      t1, 16(sp)
    xor     t0, t0, t1
    sd      t0, 16(sp)
    ld      t0, 24(t5)
    ld      t1, 24(sp)
    xor     t0, t0, t1
    sd      t0, 24(sp)
    ld      t0, 32(t5)
    ld      t1, 32(sp)
    xor     t0, t0, t1
    sd      t0, 32(sp)
    ld      t0, 40(t5)
    ld      t1, 40(sp)
    xor     t0, t0, t1
    sd      t0, 40(sp)
    ld      t0, 48(t5)
    ld      t1, 48(sp)
    xor     t0, t0, t1
    sd      t0, 48(sp)
    ld      t0, 56(t5)
    ld      t1, 56(sp)
    xor     t0, t0, t1
    sd      t0, 56(sp)
    ld      t0, 64(t5)
    ld      t1, 64(sp)
    xor     t0, t0, t1
    sd      t0, 64(sp)
    ld      t0, 72(t5)
    ld      t1, 72(sp)
    xor     t0, t0, t1
    sd      t0, 72(sp)
    ld      t0, 80(t5)
    ld      t1, 80(sp)
    xor     t0, t0, t1
    sd      t0, 80(sp)
    ld      t0, 88(t5)
    ld      t1, 88(sp)
    xor     t0, t0, t1
    sd      t0, 88(sp)
    ld      t0, 96(t5)
    ld      t1, 96(sp)
    xor     t0, t0, t1
    sd      t0, 96(sp)
    ld      t0, 104(t5)
    ld      t1, 104(sp)
    xor     t0, t0, t1
    sd      t0, 104(sp)
    ld      t0, 112(t5)
    ld      t1, 112(sp)
    xor     t0, t0, t1
    sd      t0, 112(sp)
    ld      t0, 120(t5)
    ld      t1, 120(sp)
    xor     t0, t0, t1
    sd      t0, 120(sp)
    ld      t0, 128(t5)
    ld      t1, 128(sp)
    xor     t0, t0, t1
    sd      t0, 128(sp)
    ecall
    addi    a1, a1, -136
    addi    t5, t5, 136
    bgeu    a1, t6, 1b

.Lkeccak_last_block:
    andi    t2, a1, -8              # bytes of whole lanes; 16 bytes of code for each lane
    slli    t0, t2, 1
    la      t1, .Lkeccak_xored
    sub     t1, t1, t0
    jr      t1
    ld      t0, 120(t5)
    ld      t1, 120(sp)
    xor     t0, t0, t1
    sd      t0, 120(sp)
    ld      t0, 112(t5)
    ld      t1, 112(sp)
    xor     t0, t0, t1
    sd      t0, 112(sp)
    ld      t0, 104(t5)
    ld      t1, 104(sp)
    xor     t0, t0, t1
    sd      t0, 104(sp)
    ld      t0, 96(t5)
    ld      t1, 96(sp)
    xor     t0, t0, t1
    sd      t0, 96(sp)
    ld      t0, 88(t5)
    ld      t1, 88(sp)
    xor     t0, t0, t1
    sd      t0, 88(sp)
    ld      t0, 80(t5)
    ld      t1, 80(sp)
    xor     t0, t0, t1
    sd      t0, 80(sp)
    ld      t0, 72(t5)
    ld      t1, 72(sp)
    xor     t0, t0, t1
    sd      t0, 72(sp)
    ld      t0, 64(t5)
    ld      t1, 64(sp)
    xor     t0, t0, t1
    sd      t0, 64(sp)
    ld      t0, 56(t5)
    ld      t1, 56(sp)
    xor     t0, t0, t1
    sd      t0, 56(sp)
    ld      t0, 48(t5)
    ld      t1, 48(sp)
    xor     t0, t0, t1
    sd      t0, 48(sp)
    ld      t0, 40(t5)
    ld      t1, 40(sp)
    xor     t0, t0, t1
    sd      t0, 40(sp)
    ld      t0, 32(t5)
    ld      t1, 32(sp)
    xor     t0, t0, t1
    sd      t0, 32(sp)
    ld      t0, 24(t5)
    ld      t1, 24(sp)
    xor     t0, t0, t1
    sd      t0, 24(sp)
    ld      t0, 16(t5)
    ld      t1, 16(sp)
    xor     t0, t0, t1
    sd      t0, 16(sp)
    ld      t0, 8(t5)
    ld      t1, 8(sp)
    xor     t0, t0, t1
    sd      t0, 8(sp)
    ld      t0, 0(t5)
    ld      t1, 0(sp)
    xor     t0, t0, t1
    sd      t0, 0(sp)
.Lkeccak_xored:
    add     t3, sp, t2              # the lane of the padding
    ld      a5, 0(t3)
    j       .Lkeccak_pad

.Lkeccak_only_block:
    andi    t2, a1, -8              # 8 bytes of code for each lane
    la      t1, .Lkeccak_copied
    sub     t1, t1, t2
    jr      t1
    ld      t0, 120(t5)
    sd      t0, 120(sp)
    ld      t0, 112(t5)
    sd      t0, 112(sp)
    ld      t0, 104(t5)
    sd      t0, 104(sp)
    ld      t0, 96(t5)
    sd      t0, 96(sp)
    ld      t0, 88(t5)
    sd      t0, 88(sp)
    ld      t0, 80(t5)
    sd      t0, 80(sp)
    ld      t0, 72(t5)
    sd      t0, 72(sp)
    ld      t0, 64(t5)
    sd      t0, 64(sp)
    ld      t0, 56(t5)
    sd      t0, 56(sp)
    ld      t0, 48(t5)
    sd      t0, 48(sp)
    ld      t0, 40(t5)
    sd      t0, 40(sp)
    ld      t0, 32(t5)
    sd      t0, 32(sp)
    ld      t0, 24(t5)
    sd      t0, 24(sp)
    ld      t0, 16(t5)
    sd      t0, 16(sp)
    ld      t0, 8(t5)
    sd      t0, 8(sp)
    ld      t0, 0(t5)
    sd      t0, 0(sp)
.Lkeccak_copied:
    srli    t0, t2, 1               # zero the lanes behind: 4 bytes of code for each
    la      t1, .Lkeccak_zeros
    add     t1, t1, t0
    jr      t1
.Lkeccak_zeros:
    sd      zero, 8(sp)
    sd      zero, 16(sp)
    sd      zero, 24(sp)
    sd      zero, 32(sp)
    sd      zero, 40(sp)
    sd      zero, 48(sp)
    sd      zero, 56(sp)
    sd      zero, 64(sp)
    sd      zero, 72(sp)
    sd      zero, 80(sp)
    sd      zero, 88(sp)
    sd      zero, 96(sp)
    sd      zero, 104(sp)
    sd      zero, 112(sp)
    sd      zero, 120(sp)
    sd      zero, 128(sp)
    sd      zero, 136(sp)
    sd      zero, 144(sp)
    sd      zero, 152(sp)
    sd      zero, 160(sp)
    sd      zero, 168(sp)
    sd      zero, 176(sp)
    sd      zero, 184(sp)
    sd      zero, 192(sp)
    add     t3, sp, t2
    li      a5, 0

.Lkeccak_pad:
    andi    a4, a1, 7               # bytes behind the last whole lane
    slli    a3, a4, 3
    li      t0, 1
    sll     t0, t0, a3
    xor     a5, a5, t0
    beqz    a4, 3f
    add     t1, t5, a1              # one past the last byte
    li      t0, 8
    bltu    t4, t0, 2f
    ld      t0, -8(t1)              # the last eight bytes, those before the lane shifted out
    neg     a3, a3
    srl     t0, t0, a3
    xor     a5, a5, t0
    j       3f
2:  li      t0, 0                   # fewer than eight bytes in all
4:  lbu     a6, -1(t1)
    slli    t0, t0, 8
    or      t0, t0, a6
    addi    t1, t1, -1
    bne     t1, t5, 4b
    xor     a5, a5, t0
3:  sd      a5, 0(t3)
    ld      t0, 128(sp)
    li      t1, -1
    slli    t1, t1, 63
    xor     t0, t0, t1
    sd      t0, 128(sp)
    ecall
    ld      t0, 0(sp)
    ld      t1, 8(sp)
    ld      t2, 16(sp)
    ld      t3, 24(sp)
    sd      t0, 0(a2)
    sd      t1, 8(a2)
    sd      t2, 16(a2)
    sd      t3, 24(a2)
    addi    sp, sp, 208
    ret
.option pop
.size tern_keccak256, .-tern_keccak256
