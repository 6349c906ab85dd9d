/* Functions of known length, for the counter: called, called by another, tail-called, left by another way, not called. */
int main(void);
void root(void);

__asm__(".macro function name\n"
        ".global \\name\n .thumb_func\n .type \\name, %function\n \\name:\n"
        ".endm\n"
        ".text\n .syntax unified\n"
        "function root\n" /* 7 instructions */
        "    push {r4, lr}\n"
        "    bl leaf\n"
        "    bl outer\n"
        "    bl jumps\n"
        "    bl skips\n"
        "    nop\n" /* skipped */
        "    movs r0, #0\n"
        "    pop {r4, pc}\n"
        "function leaf\n" /* 3 instructions */
        "    nop\n"
        "    nop\n"
        "    bx lr\n"
        "function outer\n" /* 4 instructions, and leaf */
        "    push {r4, lr}\n"
        "    bl leaf\n"
        "    nop\n"
        "    pop {r4, pc}\n"
        "function jumps\n" /* 1 instruction, then leaf in its place */
        "    b leaf\n"
        "function skips\n" /* 3 instructions; returns one instruction further on */
        "    mov r3, lr\n"
        "    adds r3, #2\n"
        "    bx r3\n");

int main(void)
{
    root();
    root();
    return 0;
}
