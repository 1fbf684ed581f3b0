# memcpy, memmove, memset, memcmp, bcmp for rv64im with misaligned accesses (Zicclsm).
#
# Misaligned loads and stores are exact and cost one instruction, a little more where they cross a
# dword. So short blocks are moved by two overlapping halves, all loads before all stores (which
# makes them right for overlapping ranges too), and long ones by dwords with the stores aligned.

.section .text.memmove,"ax",@progbits
.globl memmove
.type memmove,@function
memmove:
    li      t1, 64
    bleu    a2, t1, memcpy          # short: loads come before stores
    sub     t0, a0, a1
    bltu    t0, a2, .Lmove_backward # destination starts inside the source
    sub     t0, a1, a0
    bgeu    t0, a2, memcpy          # disjoint
    # Source starts inside the destination: forward, the destination aligned byte by byte.
    mv      a5, a0
1:  andi    t0, a5, 7
    beqz    t0, .Lcpy_aligned
    lbu     t0, 0(a1)
    addi    a1, a1, 1
    sb      t0, 0(a5)
    addi    a5, a5, 1
    addi    a2, a2, -1
    j       1b
.Lmove_backward:
    # Backward, 32 bytes a turn, destination end aligned first.
    add     a3, a0, a2
    add     a4, a1, a2
    andi    t0, a3, 7
    beqz    t0, 2f
    sub     a2, a2, t0
1:  lbu     t1, -1(a4)
    addi    a4, a4, -1
    addi    a3, a3, -1
    addi    t0, t0, -1
    sb      t1, 0(a3)
    bnez    t0, 1b
2:  li      t6, 32
3:  ld      t0, -8(a4)
    ld      t1, -16(a4)
    ld      t2, -24(a4)
    ld      t3, -32(a4)
    addi    a4, a4, -32
    addi    a2, a2, -32
    sd      t0, -8(a3)
    sd      t1, -16(a3)
    sd      t2, -24(a3)
    sd      t3, -32(a3)
    addi    a3, a3, -32
    bgtu    a2, t6, 3b
    # At most 32 bytes remain at the front; memcpy's short path returns a0.
    j       memcpy
.size memmove, .-memmove

.section .text.memcpy,"ax",@progbits
.globl memcpy
.type memcpy,@function
memcpy:
    mv      a5, a0
    li      t1, 64
    bgtu    a2, t1, .Lcpy_long
.Lcpy_short:
    add     a6, a1, a2              # ends of source and destination
    add     a7, a5, a2
    sltiu   t0, a2, 16
    bnez    t0, .Lcpy_under16
    ld      t0, 0(a1)
    ld      t1, 8(a1)
    ld      t2, -16(a6)
    ld      t3, -8(a6)
    sltiu   t4, a2, 33
    beqz    t4, .Lcpy_33_64
    sd      t0, 0(a5)
    sd      t1, 8(a5)
    sd      t2, -16(a7)
    sd      t3, -8(a7)
    ret
.Lcpy_33_64:
    ld      t4, 16(a1)
    ld      t5, 24(a1)
    ld      t6, -32(a6)
    ld      a2, -24(a6)
    sd      t0, 0(a5)
    sd      t1, 8(a5)
    sd      t4, 16(a5)
    sd      t5, 24(a5)
    sd      t6, -32(a7)
    sd      a2, -24(a7)
    sd      t2, -16(a7)
    sd      t3, -8(a7)
    ret
.Lcpy_under16:
    sltiu   t0, a2, 8
    bnez    t0, .Lcpy_under8
    ld      t0, 0(a1)
    ld      t1, -8(a6)
    sd      t0, 0(a5)
    sd      t1, -8(a7)
    ret
.Lcpy_under8:
    sltiu   t0, a2, 4
    bnez    t0, .Lcpy_under4
    lwu     t0, 0(a1)
    lwu     t1, -4(a6)
    sw      t0, 0(a5)
    sw      t1, -4(a7)
    ret
.Lcpy_under4:
    beqz    a2, 1f
    srli    t3, a2, 1               # 0, 1, 1: the middle byte, if any
    add     t4, a1, t3
    add     t5, a5, t3
    lbu     t0, 0(a1)
    lbu     t1, 0(t4)
    lbu     t2, -1(a6)
    sb      t0, 0(a5)
    sb      t1, 0(t5)
    sb      t2, -1(a7)
1:  ret
.Lcpy_long:
    # The first dword as it lies, then whole dwords at aligned destinations.
    ld      t0, 0(a1)
    andi    t2, a5, 7
    li      t3, 8
    sub     t3, t3, t2
    andi    t3, t3, 7
    sd      t0, 0(a5)
    add     a1, a1, t3
    add     a5, a5, t3
    sub     a2, a2, t3
.Lcpy_aligned:
    bleu    a2, t1, .Lcpy_short
    andi    a6, a2, 63
    sub     a7, a2, a6
    add     a7, a5, a7              # where the last whole 64 bytes end
2:  ld      t0, 0(a1)
    ld      t1, 8(a1)
    ld      t2, 16(a1)
    ld      t3, 24(a1)
    ld      t4, 32(a1)
    ld      t5, 40(a1)
    ld      t6, 48(a1)
    ld      a3, 56(a1)
    addi    a1, a1, 64
    sd      t0, 0(a5)
    sd      t1, 8(a5)
    sd      t2, 16(a5)
    sd      t3, 24(a5)
    sd      t4, 32(a5)
    sd      t5, 40(a5)
    sd      t6, 48(a5)
    sd      a3, 56(a5)
    addi    a5, a5, 64
    bne     a5, a7, 2b
    mv      a2, a6
    j       .Lcpy_short
.size memcpy, .-memcpy

.section .text.memset,"ax",@progbits
.globl memset
.type memset,@function
memset:
    andi    a1, a1, 255
    slli    t0, a1, 8
    or      a1, a1, t0
    slli    t0, a1, 16
    or      a1, a1, t0
    slli    t0, a1, 32
    or      a1, a1, t0
    mv      a5, a0
    add     a7, a0, a2
    sltiu   t0, a2, 8
    bnez    t0, .Lset_under8
    sd      a1, 0(a5)
    sd      a1, -8(a7)
    sltiu   t0, a2, 17
    bnez    t0, 2f
    # Aligned dwords between the two ends, which are already written.
    addi    a5, a5, 8
    andi    a5, a5, -8
    addi    t1, a7, -1
    andi    t1, t1, -8              # end of the aligned middle
    sub     t2, t1, a5
    andi    t3, t2, 56
    sub     t2, t1, t3              # end of the whole 64 bytes
    beq     a5, t2, 3f
1:  sd      a1, 0(a5)
    sd      a1, 8(a5)
    sd      a1, 16(a5)
    sd      a1, 24(a5)
    sd      a1, 32(a5)
    sd      a1, 40(a5)
    sd      a1, 48(a5)
    sd      a1, 56(a5)
    addi    a5, a5, 64
    bne     a5, t2, 1b
3:  beq     a5, t1, 2f
4:  sd      a1, 0(a5)
    addi    a5, a5, 8
    bne     a5, t1, 4b
2:  ret
.Lset_under8:
    sltiu   t0, a2, 4
    bnez    t0, .Lset_under4
    sw      a1, 0(a5)
    sw      a1, -4(a7)
    ret
.Lset_under4:
    beqz    a2, 1f
    srli    t0, a2, 1
    add     t0, t0, a5
    sb      a1, 0(a5)
    sb      a1, 0(t0)
    sb      a1, -1(a7)
1:  ret
.size memset, .-memset

.section .text.memcmp,"ax",@progbits
.globl memcmp
.globl bcmp
.type memcmp,@function
.type bcmp,@function
memcmp:
bcmp:
    sltiu   t0, a2, 8
    bnez    t0, .Lcmp_under8
    add     a3, a0, a2
    addi    a3, a3, -8              # the last dword of each
1:  ld      t0, 0(a0)
    ld      t1, 0(a1)
    bne     t0, t1, .Lcmp_differ
    addi    a0, a0, 8
    addi    a1, a1, 8
    bltu    a0, a3, 1b
    sub     t2, a0, a3              # 0..7 bytes were compared twice
    sub     a1, a1, t2
    ld      t0, 0(a3)
    ld      t1, 0(a1)
    bne     t0, t1, .Lcmp_differ
    li      a0, 0
    ret
.Lcmp_differ:
    xor     t2, t0, t1
2:  andi    t3, t2, 255
    bnez    t3, 3f
    srli    t2, t2, 8
    srli    t0, t0, 8
    srli    t1, t1, 8
    j       2b
3:  andi    t0, t0, 255
    andi    t1, t1, 255
    sub     a0, t0, t1
    ret
.Lcmp_under8:
    beqz    a2, 5f
    add     a3, a0, a2
4:  lbu     t0, 0(a0)
    lbu     t1, 0(a1)
    bne     t0, t1, 3b
    addi    a0, a0, 1
    addi    a1, a1, 1
    bne     a0, a3, 4b
5:  li      a0, 0
    ret
.size memcmp, .-memcmp
.size bcmp, .-bcmp

.section .text.strlen,"ax",@progbits
.globl strlen
.type strlen,@function
strlen:
    mv      a1, a0
1:  lbu     t0, 0(a1)
    beqz    t0, 2f
    addi    a1, a1, 1
    j       1b
2:  sub     a0, a1, a0
    ret
.size strlen, .-strlen
