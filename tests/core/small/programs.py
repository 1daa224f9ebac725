#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Prints programs.txt: classic programs that libpcap's compiler does not generate, each testing one thing."""
LD, LDX, ST, STX, ALU, JMP, RET, MISC = range(8)
W, H, B = 0, 8, 16
IMM, ABS, IND, MEM, LEN, MSH = 0, 0x20, 0x40, 0x60, 0x80, 0xa0
X = 8
OPERATIONS = {"add": 0, "sub": 0x10, "mul": 0x20, "div": 0x30, "or": 0x40, "and": 0x50, "lsh": 0x60, "rsh": 0x70,
              "neg": 0x80, "mod": 0x90, "xor": 0xa0}
TESTS = {"jeq": 0x10, "jgt": 0x20, "jge": 0x30, "jset": 0x40}
EDGES = [0, 1, 2, 7, 31, 0xff, 0x100, 0x7fffffff, 0x80000000, 0xffffffff]
PROGRAMS = []


def insn(code, k=0, jt=0, jf=0):
    return code, jt, jf, k & 0xffffffff


def ld(k, size=B):
    return insn(LD | ABS | size, k)


def ldi(k):
    return insn(LD | IMM, k)


def ldxi(k):
    return insn(LDX | IMM, k)


def ind(k, size=B):
    return insn(LD | IND | size, k)


def alu(operation, k):
    return insn(ALU | OPERATIONS[operation], k)


def alux(operation):
    return insn(ALU | OPERATIONS[operation] | X)


def j(test, k, jt, jf):
    return insn(JMP | TESTS[test], k, jt, jf)


def jx(test, jt, jf):
    return insn(JMP | TESTS[test] | X, 0, jt, jf)


def ja(k):
    return insn(JMP, k)


def ret(k):
    return insn(RET, k)


def st(word):
    return insn(ST, word)


def stx(word):
    return insn(STX, word)


def ldm(word):
    return insn(LD | MEM, word)


def ldxm(word):
    return insn(LDX | MEM, word)


def msh(k):
    return insn(LDX | B | MSH, k)


TAX, TXA, RETA = insn(MISC), insn(MISC | 0x80), insn(RET | 0x10)
LENGTH, LENGTH_X = insn(LD | LEN | W), insn(LDX | LEN | W)


def program(name, *code, value="-"):
    """Adds one; value is the result for all frames, if libpcap has none."""
    assert name not in (one[0] for one in PROGRAMS), name
    PROGRAMS.append((name, value, code))


def joined(pieces):
    return sum(pieces, [])


def chain(before, constants, targets):
    """Compares the value loaded before with each constant; returns 10 + the target, or 0."""
    code, count = [*before], len(constants)
    for at, (k, target) in enumerate(zip(constants, targets)):
        code.append(j("jeq", k, count - at + target, 0))
    return [*code, ret(0), *(ret(target + 10) for target in range(max(targets) + 1))]


def turns(fields, constants, *end):
    """Compares the fields in turn with one constant after the other; jumps to the second instruction of the end."""
    count = sum(len(fields[at % len(fields)]) + 1 for at in range(len(constants)))
    code = []
    for at, k in enumerate(constants):
        code += fields[at % len(fields)]
        code.append(j("jeq", k, count - len(code), 0))
    return [*code, *end]


program("a jump to itself", ja(-1), ret(1), value=0)
program("a jump to itself behind a comparison", ld(0), j("jeq", 2, 0, 1), ja(-1), ret(0), value=0)
program("a jump to itself in the middle of a path", ldi(3), st(1), ldi(4), ja(-1), ldm(1), RETA, value=0)
program("a loop that never ends", ldi(1), j("jeq", 1, 0, 1), ja(-3), ret(1), value=0)
program("a loop that counts to 20", ld(0), ldi(0), alu("add", 1), j("jeq", 20, 1, 0), ja(-3), RETA)
program("a loop over words", ldi(5), st(0), ldxi(1), st(2), ldm(0), alu("sub", 1), st(0), ldm(2), alux("add"),
        alu("xor", 3), st(2), ldm(0), j("jeq", 0, 1, 0), ja(-10), ldm(2), RETA)
program("a loop over bytes until 0", ldxi(0), ind(0), j("jeq", 0, 4, 0), TXA, alu("add", 1), TAX, ja(-6), TXA, RETA)
program("two loops, one in the other", ldi(0), st(0), ldi(0), st(1), ldm(1), alu("add", 1), st(1), j("jeq", 4, 1, 0),
        ja(-5), ldm(0), alu("add", 1), st(0), j("jeq", 5, 1, 0), ja(-12), ldm(0), RETA)
for o in OPERATIONS:
    for k in EDGES:
        if o in ("div", "mod") and k == 0:
            continue
        if o in ("lsh", "rsh") and k > 31:
            continue
        program(f"byte {o} {k:#x}", ld(20), alu(o, k), RETA)
        if o not in ("neg",) and k in (1, 31, 0xff, 0xffffffff):
            program(f"word {o} {k:#x}", ld(26, W), alu(o, k), RETA)
    if o != "neg":
        program(f"byte {o} byte", ld(21), TAX, ld(20), alux(o), RETA)
        program(f"word {o} word", ld(30, W), TAX, ld(26, W), alux(o), RETA)
        program(f"byte {o} low bits", ld(21), alu("and", 3), TAX, ld(20), alux(o), RETA)
        program(f"X is 0: {o}", ldxi(0), ld(20), alux(o), RETA)
        program(f"A is 0: {o}", ld(20), TAX, ldi(0), alux(o), RETA)
for o in TESTS:
    for k in EDGES:
        program(f"byte {o} {k:#x}", ld(23), j(o, k, 0, 1), ret(1), ret(2))
        if k in (0, 1, 0xffffffff):
            program(f"word {o} {k:#x}", ld(26, W), j(o, k, 0, 1), ret(1), ret(2))
        if k in (1, 0x100, 0x80000000):
            program(f"half {o} {k:#x}", ld(12, H), j(o, k * 0x10001&0xffffffff, 0, 1), ret(1), ret(2))
    program(f"byte {o} byte", ld(21), TAX, ld(20), jx(o, 0, 1), ret(1), ret(2))
    program(f"itself {o} itself", ld(21), TAX, jx(o, 0, 1), ret(1), ret(2))
    program(f"sum {o} X", ld(21), TAX, alu("add", 1), jx(o, 0, 1), ret(1), ret(2))
    program(f"{o} twice on one pair", ld(0), TAX, ld(1), jx("jgt", 0, 2), jx(o, 0, 1), ret(1), jx(o, 0, 1), ret(3),
            ret(2))
    program(f"{o} after bits", ld(20), alu("and", 0xf0), j("jgt", 0x10, 0, 2), j(o, 0x20, 0, 2), ret(1), ret(2), j(o,
            0x10, 0, 1), ret(3), ret(4))
    program(f"{o} after a range", ld(20), j("jge", 10, 0, 5), j("jgt", 20, 3, 0), j(o, 15, 0, 1), ret(1), ret(2),
            j(o, 64, 1, 0), ret(3), j(o, 64, 0, 1), ret(4), ret(5))
program("byte by byte", ld(0), TAX, ld(1), alux("add"), TAX, ld(2), alux("add"), TAX, ld(3), alux("add"), RETA)
for s, n in ((B, 1), (H, 2), (W, 4)):
    for k in (0, 13, 0x7ffe, 0xffff - n, 0x10000, 0xffffffff - n, 0xffffffff):
        program(f"load of {n} at {k:#x}", ld(k if k < 0xffe00000 else 0xffdfffff, s), RETA)
        program(f"load of {n} at X + {k:#x}", ld(14), TAX, ind(k if k < 0xffe00000 else 0xffdfffff, s), RETA)
    program(f"load of {n} at a masked X", ld(14), alu("and", 15), TAX, ind(1, s), RETA)
    program(f"load of {n} at a word", ld(26, W), TAX, ind(2, s), RETA)
    program(f"two loads of {n} at one X", ld(14), alu("and", 63), TAX, ind(1, s), st(0), ind(5, s), TAX, ldm(0),
            alux("xor"), RETA)
    program(f"X goes on: loads of {n}", ld(14), alu("and", 31), TAX, ind(0, s), st(0), TXA, alu("add", 3), TAX,
            ind(0, s), TAX, ldm(0), alux("add"), RETA)
    program(f"a load of {n} whose value is not used", ld(50, s), ldi(5), RETA)
    program(f"a load of {n} at X whose value is not used", ld(14), TAX, ind(3, s), ldi(5), RETA)
program("X near the end of numbers", ldxi(0xffffffff), ind(1), RETA)
program("X + k wraps", ldxi(0xfffffff0), ind(0x20), RETA)
program("X known: a load", ldxi(20), ind(3), RETA)
program("X known: two loads", ldxi(20), ind(30, W), st(0), ind(3, H), ldxm(0), alux("add"), RETA)
program("msh", msh(14), TXA, RETA)
program("msh twice", msh(14), stx(0), msh(15), TXA, ldxm(0), alux("add"), RETA)
program("msh and a load", msh(14), ind(14, H), RETA)
program("msh beyond the end", msh(60), ldi(3), RETA)
program("msh keeps A", ld(20), msh(14), alux("add"), RETA)
program("length", LENGTH, RETA)
program("length in X", LENGTH_X, ld(20), alux("add"), RETA)
program("length compared", LENGTH, j("jgt", 60, 0, 1), ret(1), ret(2))
program("length twice", LENGTH, st(0), LENGTH_X, ldm(0), alux("sub"), RETA)
for m in (0, 7, 15):
    program(f"word {m}", ld(20), st(m), ldi(0), ldm(m), RETA)
    program(f"X by word {m}", ld(20), TAX, stx(m), ldxi(0), ldxm(m), TXA, RETA)
program("a word that is set on one path", ldi(0), st(3), ld(23), j("jeq", 6, 0, 1), st(3), ldm(3), RETA)
program("words that swap", ld(0), st(0), ld(1), st(1), ldxm(0), ldm(1), st(0), stx(1), ldm(0), alu("lsh", 8),
        ldxm(1), alux("or"), RETA)
program("all words", *joined([ld(k), st(k)] for k in range(16)), *joined([ldxm(k), alux("add"), alu("mul",
        3)] for k in range(16)), RETA)
program("division by 0 behind a path", ld(22), TAX, ld(23), alux("div"), j("jeq", 3, 0, 1), ret(1), ret(2))
program("two divisions by one X", ld(22), TAX, ld(23), alux("div"), st(0), ld(20), alux("mod"), ldxm(0), alux("add"),
        RETA)
program("division on one path only", ld(21), TAX, ld(23), j("jeq", 6, 0, 1), alux("div"), RETA)
program("a guard known from a comparison", ld(21), TAX, j("jeq", 0, 1, 0), alux("div"), RETA)
# joins of checks
program("checks join: short and long", ld(12, H), j("jeq", 0x800, 0, 2), ld(40), ja(1), ld(20), st(0), ld(30),
        ldxm(0), alux("add"), RETA)
program("checks join: X on one path", msh(14), ld(23), j("jeq", 6, 0, 2), ind(27), ja(1), ld(20), st(0), ind(14),
        ldxm(0), alux("add"), RETA)
program("checks join: X of two kinds", ld(23), j("jeq", 6, 0, 2), msh(14), ja(2), ld(15), TAX, ind(14), st(0),
        ind(16), ldxm(0), alux("add"), RETA)
program("a check that fails in any case", ld(23), j("jeq", 6, 0, 2), ld(0x20000), ret(1), ld(20), RETA)
program("a check that is raised", ld(12, H), ld(20), ld(50), RETA)
program("a check that returns before", ld(12, H), j("jeq", 0x806, 0, 1), ret(9), ld(50), ret(8))
program("a check at X that is raised", msh(14), ind(0), ind(4), ind(20), RETA)
program("X moves between checks", msh(14), ind(20), st(0), ld(15), TAX, ind(4), ldxm(0), alux("add"), RETA)
# chains
program("a chain of bytes", *chain([ld(23)], [1, 2, 6, 17, 50, 51, 132], [0]*7))
program("a chain of bytes, targets of their own", *chain([ld(23)], [1, 2, 6, 17, 50, 51, 132], list(range(7))))
program("a chain with one constant twice", *chain([ld(23)], [6, 1, 2, 50, 51, 132, 47, 4, 88, 6, 17], [0, 1, 2, 3, 4,
        5, 6, 7, 8, 9, 10]))
program("a chain that is out of order", *chain([ld(23)], [132, 1, 51, 6, 50, 2, 17], [0, 1, 0, 1, 0, 1, 0]))
program("a chain of all values", *chain([ld(20), alu("and", 7)], list(range(8)), list(range(8))))
program("a chain of all values but one", *chain([ld(20), alu("and", 7)], list(range(7)), list(range(7))))
program("a chain of multiples of 16", *chain([ld(20), alu("and", 0x70)], [0x10 * k for k in range(8)],
        list(range(8))))
program("a chain with impossible constants", *chain([ld(20), alu("and", 0xf0)], [1, 0x10, 0x11, 0x20, 300, 0x30,
        0x31, 0x40], list(range(8))))
program("a chain of halves", *chain([ld(12, H)], [0x800, 0x806, 0x8035, 0x8100, 0x86dd, 0x8847], [0, 1, 2, 0, 1, 2]))
program("a chain of words", *chain([ld(26, W)], [1, 2, 3, 0x0a000001, 0xc0a80107, 0xe0000009], [0, 1, 2, 3, 4, 5]))
program("a chain of sums", *chain([ld(23), alu("add", 6)], [7, 8, 23, 52, 100, 200], [0]*6))
program("a chain of X loads", msh(14), *chain([ind(16, H)], [22, 53, 80, 443, 1024, 6000], [0]*6))
program("a chain on a known range", ld(23), j("jgt", 16, 0, 7), *[j("jeq", k, 6 - n, 0) for n, k in enumerate([17, 47,
        50, 51, 88, 103])], ret(3), ret(4))
program("two fields by turns", ld(26, W), ld(30, W), *turns([[ld(26, W)], [ld(30, W)]], [1, 2, 3, 4, 0x0a000002,
        0x0a000002, 0x0a000001, 9]), ret(0), ret(7))
program("two fields by turns, A is used", ld(26, W), ld(30, W), *turns([[ld(26, W)], [ld(30, W)]], [1, 2, 3, 4,
        0x0a000002, 0x0a000002, 0x0a000001, 9]), ret(0), RETA)
program("three fields by turns", ld(26, W), ld(30, W), *turns([[ld(23, B)], [ld(26, W)], [ld(30, W)]], [1, 1, 2, 2,
        3, 3, 17, 4, 0x0a000002]), ret(0), ret(7))
program("fields by turns, behind is A used", ld(26, W), ld(30, W), *turns([[ld(26, W)], [ld(30, W)]], [1, 2, 3, 4,
        0x0a000002, 0x0a000002, 0x0a000001, 9]), RETA, ret(7))
m1, m2 = [ld(26, W), alu("and", 0xffff0000)], [ld(30, W), alu("and", 0xffff0000)]
nets = [0x0b000000, 0x0c000000, 0x0a010000, 0x0a020000, 0x0a000000, 0xc0a80000, 0xe0000000, 0x01020000]
program("two masked fields by turns", *m1, *m2, *turns([m1, m2], nets, ret(0), ret(7)))
program("two fields with much arithmetic by turns", *turns([[ld(26, W)] + [alu("xor", k + 1) for k in range(7)],
        [ld(30, W)] + [alu("add", k) for k in range(1, 7)]], [1, 2, 3, 4, 0x0a000015, 0x0a000017, 5, 0x0a000016],
        ret(0), ret(7)))
program("two fields with more arithmetic than is done again", *turns([[ld(26, W)] + [alu("xor",
        k + 1) for k in range(9)], [ld(30, W)] + [alu("add", k) for k in range(1, 10)]], [1, 2, 3, 4, 0x0a000015,
        0x0a00002f, 0x0a000000, 0x0a00002e], ret(0), ret(7)))
program("a field and the length by turns", ld(23), LENGTH, *turns([[ld(23)], [LENGTH]], [1, 60, 2, 61, 6, 54, 17, 45,
        132, 14], ret(0), ret(7)))
program("two fields at X by turns", msh(14), ind(14, H), ind(16, H), *turns([[ind(14, H)], [ind(16, H)]], [1, 2, 3,
        4, 53, 80, 22, 443, 9, 53], ret(0), ret(7)))
program("two fields at X by turns, X is another one", msh(14), ind(14, H), st(0), ldxi(0), ind(36, H), ldm(0),
        *turns([[msh(14), ind(14, H)], [ldxi(1), ind(35, H)]], [1, 2, 3, 4, 53, 80, 22, 443, 9, 53], ret(0),
        ret(7)))
program("sums of X by turns", ld(21), TAX, ld(20), *turns([[ld(20), alux("add")], [ld(22)]], [1, 2, 3, 4, 47, 8, 7,
        0, 5, 6], ret(0), ret(7)))
program("a chain that is entered in the middle", ld(26, W), ld(30, W), ld(23), j("jeq", 17, 2, 0), *turns([[ld(26,
        W)], [ld(30, W)]], [1, 2, 3, 4, 0x0a000002, 0x0a000002, 0x0a000001, 9]), ret(0), ret(7))
program("a field at an old X, and another, by turns", msh(14), ind(16, H), st(0), ld(20), alu("and", 1), TAX, ind(35,
        H), *turns([[ind(35, H)], [ldm(0)]], [1, 2, 3, 4, 53, 80, 22, 443, 9, 53], ret(0), ret(7)))
program("the end of a range is excluded", ld(20), alu("and", 7), j("jeq", 7, 0, 1), ret(1), j("jeq", 6, 0, 1),
        ret(2), j("jeq", 0, 0, 1), ret(3), j("jeq", 1, 0, 1), ret(4), ret(5))
program("a remainder by what lies in a range", ld(21), alu("and", 3), alu("add", 2), TAX, ld(23), alux("mod"),
        j("jgt", 1, 0, 1), ret(1), ret(2))
program("bits that are masked and shifted", ld(20), alu("lsh", 2), alu("and", 0xfc), j("jeq", 4, 0, 1), ret(1),
        j("jset", 8, 0, 1), ret(2), ret(3))
program("a sum of two in ranges", ld(21), alu("and", 3), TAX, ld(20), alu("and", 3), alux("add"), j("jeq", 0, 0, 1),
        ret(1), j("jgt", 5, 0, 1), ret(2), ret(3))
program("a difference of two in ranges", ld(21), alu("and", 3), TAX, ld(20), alu("and", 3), alu("add", 4),
        alux("sub"), j("jeq", 1, 0, 1), ret(1), j("jgt", 6, 0, 1), ret(2), ret(3))
program("checks at X join: long and short", msh(14), ld(23), j("jeq", 6, 0, 2), ind(40), ja(1), ind(16), st(0),
        ind(30), ldi(5), RETA)
program("checks at X join, and a load is not used", msh(14), ld(23), j("jeq", 6, 0, 2), ind(40), ja(1), ind(16),
        j("jeq", 1, 0, 1), ret(3), ind(30), ja(0), ldi(5), RETA)
program("what is excluded on one path only", ld(22), j("jeq", 64, 0, 3), ld(23), j("jeq", 6, 0, 3), ret(9), ld(23),
        j("jeq", 17, 5, 0), ld(23), j("jgt", 3, 0, 4), j("jeq", 6, 0, 1), ret(1), ret(2), ret(8), ret(3))
program("what is excluded on the other path only", ld(22), j("jeq", 64, 0, 3), ld(23), j("jeq", 17, 0, 3), ret(9), ld(23),
        j("jeq", 6, 5, 0), ld(23), j("jgt", 3, 0, 4), j("jeq", 6, 0, 1), ret(1), ret(2), ret(8), ret(3))
program("checks at X join: short and long", msh(14), ld(23), j("jeq", 6, 2, 0), ind(40), ja(1), ind(16), j("jeq", 1, 0, 1),
        ret(3), ind(30), ja(0), ldi(5), RETA)
program("checks at X join: short, then long", msh(14), ld(23), j("jeq", 6, 0, 2), ind(16), ja(1), ind(40), j("jeq", 1, 0, 1),
        ret(3), ind(30), ja(0), ldi(5), RETA)
program("what is known on one path only", ld(22), j("jeq", 64, 0, 4), ld(23), j("jeq", 6, 0, 1), ja(2), ret(9), ld(50), ld(21),
        j("jset", 2, 0, 3), ld(23), j("jeq", 6, 0, 1), ret(1), ld(23), j("jeq", 6, 0, 1), ret(2), ret(3))
program("a check at X on one path only", msh(14), ld(23), j("jeq", 6, 0, 2), ind(40), ja(1), ld(50), ld(22), j("jset", 1, 0, 1),
        ret(3), ind(30), ja(0), ldi(5), RETA)
program("checks at two X, one of them on one path only", msh(14), stx(0), ld(21), alu("and", 7), TAX, stx(1), ld(23),
        j("jeq", 6, 0, 5), ldxm(0), ind(50), ldxm(1), ind(20), ja(2), ldxm(1), ind(20), ld(22), j("jset", 1, 0, 1), ret(3),
        ldxm(0), ind(15), ja(0), ldi(5), RETA)
program("a check behind a path with another one", msh(14), ld(23), j("jeq", 6, 0, 2), ind(50), ja(1), ld(33), ld(22),
        j("jset", 1, 0, 1), ret(3), ld(23), alu("and", 63), TAX, ind(2), j("jeq", 1, 0, 1), ret(4), ind(20), ja(0), ldi(5), RETA)
program("pairs that are known on one path only", ld(21), TAX, ld(22), j("jset", 64, 0, 4), ld(20), jx("jgt", 1, 0), ret(9), ja(2),
        ld(50), ld(20), j("jset", 2, 0, 1), ret(5), jx("jgt", 0, 1), ret(1), ret(2))
program("pairs that are known on two paths", ld(21), TAX, ld(22), j("jset", 1, 0, 4), ld(20), jx("jgt", 1, 0), ret(9), ja(3), ld(20),
        jx("jge", 0, 1), ret(8), j("jset", 2, 0, 1), ret(5), jx("jgt", 0, 1), ret(1), ret(2))
program("a product that wraps", ld(20), alu("mul", 0x1010102), j("jgt", 0xfe, 0, 1), ret(1), ret(2))
program("a shift by what lies in a range", ld(21), alu("and", 3), TAX, ld(20), alux("lsh"), j("jgt", 255, 0, 1), ret(1), ret(2))
program("a shift by a constant that loses bits", ld(20), alu("add", 1), alu("lsh", 24), j("jgt", 0, 0, 1), ret(1), ret(2))
program("fields by turns, not one by one", ld(26, W), ld(30, W), *turns([[ld(26, W)], [ld(26, W)], [ld(30, W)]], [1, 2, 3, 4,
        0x0a000003, 0x0a000002, 11, 9, 0x0a000002]), ret(0), ret(7))
program("pointers behind many values", *joined([ld(k), alux("add"), TAX] for k in range(64)),
        *joined([ld(k), alu("and", 7), TAX, ind(20), st(k - 14)] for k in range(14, 22)), *joined([ldxm(k), alux("add")] for k in range(8)), RETA)
program("twelve pointers", *joined([ld(k), alu("and", 7), TAX, ind(20), st(k - 14)] for k in range(14, 26)),
        *joined([ld(k), alu("and", 7), TAX, ind(24), ldxm(k - 14), alux("add"), st(k - 14)] for k in range(14, 26)),
        *joined([ldxm(k), alux("add")] for k in range(12)), RETA)
program("low ends of three paths", ld(22), TAX, ld(23), j("jeq", 6, 0, 4), ld(20), alu("and", 3), alu("add", 100), ja(6),
        j("jeq", 17, 0, 4), ld(21), alu("and", 15), alu("add", 50), ja(1), ld(20), j("jset", 1, 0, 2),
        j("jgt", 49, 0, 1), ret(1), j("jgt", 49, 0, 1), ret(2), ret(3))
program("a loop is entered with what another path has checked", ld(0), j("jeq", 1, 0, 2), ld(70), RETA, ldi(0), st(0), ldm(0),
        alu("add", 1), st(0), ld(40), ldm(0), j("jeq", 3, 1, 0), ja(-7), ld(40), RETA)
program("ranges of three paths", ld(22), TAX, ld(23), j("jeq", 6, 0, 3), ld(20), alu("and", 3), ja(5), j("jeq", 17,
        0, 3), ld(21), alu("and", 15), ja(1), ld(20), j("jgt", 1, 0, 4), j("jgt", 100, 0, 1), ret(1), j("jgt", 10, 0,
        1), ret(2), ret(3))
program("pointers that are forgotten", *joined([ld(k), alu("and", 1), TAX, ind(30)] for k in range(14, 18)), ld(23),
        alu("and", 63), TAX, ind(10), j("jeq", 1, 0, 1), ret(4), ind(25), ja(0), ldi(5), RETA)
program("a chain of halves on a known range", ld(20, H), j("jge", 33, 0, 12), LENGTH, j("jgt", 20, 0, 9), ld(20, H),
        *[j("jeq", k << 8, 6 - n, 0) for n, k in enumerate(range(0x21, 0x27))], ret(1), ret(2), ret(3), ret(4),
        ret(5))
for n in range(1, 8):
    program(f"a chain with one constant twice, {n} are less", *chain([ld(23)], [6] + list(range(7,
            15 - n)) + list(range(6 - n, 6)) + [6] if n < 7 else [17] + list(range(10, 17)) + [17],
            list(range(10)) if n < 7 else list(range(9))))
program("a chain of all values of a range", ld(20), alu("and", 7), j("jge", 1, 0, 15), *chain([ld(20), alu("and",
        7)], list(range(1, 8)), list(range(7)))[2:], ret(99))
program("a chain that is longer than it can be", ld(26, W), ld(30, W), *turns([[ld(26, W)], [ld(30, W)]], [1, 2, 3,
        4, 0x0a000002, 0x0a000002, 0x0a000003, 9, 0x0a000009]), RETA, ret(7))
program("a field at what X was, by turns", msh(14), ind(16, H), st(0), ld(20), alu("and", 1), TAX, ind(35, H),
        msh(14), ld(26, W), *turns([[ld(26, W)], [ldm(0)]], [1, 2, 3, 4, 0x0a000009, 80, 22, 443, 9, 53], ret(0),
        ret(7)))
program("returns of 70 values", ld(23), *joined([j("jeq", k, 0, 1), ret(k + 1000)] for k in range(70)), ret(70))
for o in ("or", "xor"):
    program(f"{o} of two numbers sets what neither range has", ld(2), alu("rsh", 1), alu("add", 1), TAX, ld(0), alu("rsh", 1),
            alu("add", 1), alux(o), j("jgt", 0xf7, 0, 1), ret(1), j("jgt", 0xdf, 0, 1), ret(2), j("jgt", 0xbf, 0, 1), ret(3), RETA)
program("far jumps", ld(23), ja(3), ret(1), ret(2), ret(3), j("jeq", 6, 0, 1), ja(1), ret(4), ret(5))
program("offsets of what does not jump", insn(LD | ABS | B, 20, 3, 1), insn(ALU, 1, 200, 200), insn(RET | 0x10, 0, 9, 9))
program("offsets of what does not jump, to what does not exist", insn(LD | ABS | B, 20, 1, 1), ja(1), insn(RET | X), RETA)
program("jump to the next", ja(0), ld(20), ja(0), RETA)
program("both sides of a branch are one", ld(20), j("jgt", 3, 0, 0), RETA)
program("unreachable code", ld(20), ja(2), ldi(4), RETA, alu("add", 1), RETA)
program("equal values meet", ld(23), j("jeq", 6, 0, 2), ldi(7), ja(1), ldi(7), alu("add", 1), RETA)
program("ranges meet", ld(23), j("jgt", 6, 0, 2), ldi(7), ja(1), ldi(9), j("jgt", 6, 0, 1), ret(1), ret(2))
program("ranges meet three times", ld(23), j("jeq", 6, 0, 2), ldi(7), ja(4), j("jeq", 17, 0, 2), ldi(9), ja(1),
        ldi(200), j("jgt", 100, 0, 1), ret(1), j("jge", 7, 0, 1), ret(2), ret(3))
program("facts meet", ld(23), j("jeq", 6, 2, 0), j("jeq", 17, 1, 0), j("jeq", 1, 0, 2), j("jeq", 6, 0, 1), ret(1),
        ret(2))
program("facts meet, excluded", ld(23), j("jeq", 6, 4, 0), j("jeq", 17, 3, 0), ld(22), j("jeq", 1, 1, 0), ja(1),
        ja(0), ld(23), j("jeq", 6, 0, 1), ret(1), j("jeq", 17, 0, 1), ret(2), ret(3))
program("more exclusions than are kept", ld(23), *joined([j("jeq", k, 0, 1), ret(k + 20)] for k in (0, 1, 2, 4, 6,
        17, 47, 50)), *joined([j("jeq", k, 0, 1), ret(k + 99)] for k in (0, 50, 6, 255)), ret(1))
program("more facts than are kept", *joined([ld(k), j("jgt", 200, 0, 1), ret(k)] for k in range(14, 30)),
        *joined([ld(k), j("jgt", 200, 0, 1), ret(k + 100), j("jgt", 100, 0, 1), ret(k + 200)] for k in range(14,
        30)), ret(1))
program("more pointers than are kept", *joined([ld(k), alu("and", 15), TAX, ind(20), st(k - 14)] for k in range(14,
        20)), *joined([ld(k), alu("and", 15), TAX, ind(18), ldxm(k - 14), alux("add"), st(k - 14)] for k in range(14,
        20)), *joined([ldxm(k), alux("add")] for k in range(6)), RETA)
program("a bit that is known to be 0", ld(20), alu("lsh", 3), j("jset", 4, 0, 1), ret(1), ret(2))
program("what is shifted out", ld(20), alu("rsh", 4), j("jgt", 15, 0, 1), ret(1), RETA)
program("a remainder", ld(20), alu("mod", 10), j("jge", 10, 0, 1), ret(1), RETA)
program("a quotient", ld(20), alu("div", 10), j("jgt", 25, 0, 1), ret(1), RETA)
program("a product", ld(20), alu("mul", 300), j("jgt", 76500, 0, 1), ret(1), RETA)
program("a difference that wraps", ld(20), alu("sub", 100), j("jgt", 255, 0, 1), ret(1), RETA)
program("a difference that does not", ld(20), j("jge", 100, 0, 2), alu("sub", 100), RETA, ret(0))
program("a sum that X holds already", ld(20), alu("add", 1), TAX, ld(20), alu("add", 1), RETA)
program("a large sum", ld(26, W), alu("add", 0xffffffff), j("jeq", 0x0a000000, 0, 1), ret(1), ret(2))
program("or and xor", ld(20), alu("or", 0xf0), alu("xor", 0x0f), j("jgt", 0xf0, 0, 1), ret(1), RETA)
program("return of a constant", ret(0xffffffff))
program("return of 0", ld(70), ret(0))
program("A at the start", RETA)
program("X at the start", TXA, RETA)

print("# Made by programs.py: a name, the value that is wanted (-: libpcap's for the frame), and the instructions")
print("# as \"code,jt,jf,k\".")
for name, value, code in PROGRAMS:
    print(name, value, ";".join(",".join(str(field) for field in one) for one in code), sep="\t")
