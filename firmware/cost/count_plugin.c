/* A QEMU plugin that counts the exact number of instructions of a function, divided by the functions that it calls.
 *
 *     -plugin count_plugin.so,function=0x...,function=0x...,...,output=FILE
 *
 * Function 0 is the root, the others are marked.  FILE gets one line a call of the root: `number:instructions` of its own
 * visit and of each visit to a marked function below it, in the order of entry.  An instruction belongs to the innermost
 * visit whose function it was executed in or below, so a line's counts add up to the root's total, callees included.
 *
 * The end of a function is found by its call: the address after a BL or BLX is remembered, and the function is left when
 * that address is executed.  A branch to a marked function (a tail call) replaces the visit it came from.  A callee that
 * returns elsewhere (a switch helper of libgcc) is left with its caller.  Recursion is not told apart.
 *
 * The few declarations needed of QEMU's plugin interface (version 1) stand here, so no header of QEMU is needed. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;
enum { QEMU_PLUGIN_CB_NO_REGS = 0 };

extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
extern const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *), int, void *);
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);

int qemu_plugin_version = 1;
int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv);

enum { MOST_FUNCTIONS = 64, MOST_CALLS = 256, MOST_VISITS = 4096, ROOT = 0, NOT_MARKED = -1 };

struct instruction {
    uintptr_t address, next;
    int function; /* that begins here, or NOT_MARKED */
    bool calls;
};

static uintptr_t functions[MOST_FUNCTIONS];
static int function_count;
static FILE *output;

/* The calls in progress.  visit: the caller's, which continues after the return. */
static struct {
    uintptr_t return_address;
    int visit;
} calls[MOST_CALLS];
static int depth;

static struct {
    int function;
    uint64_t instructions;
} visits[MOST_VISITS];
static int visit_count; /* 0 outside of the root */
static int visit;       /* the visit to which executed instructions belong */
static int root_depth;

static void give_up(const char *reason)
{
    fprintf(stderr, "count_plugin: %s\n", reason);
    exit(1);
}

static void end_root(void)
{
    for (int i = 0; i < visit_count; i++)
        fprintf(output, "%s%d:%llu", i ? " " : "", visits[i].function, (unsigned long long)visits[i].instructions);
    fputc('\n', output);
    visit_count = 0;
}

/* Forgets the call that returns to an address, and those inside it; returns the caller's visit, or -1. */
static int forget_call(uintptr_t return_address)
{
    for (int i = depth; i--;)
        if (calls[i].return_address == return_address) {
            depth = i;
            return calls[i].visit;
        }
    return -1;
}

static void remember_call(uintptr_t return_address)
{
    forget_call(return_address); /* left unseen */
    if (depth == MOST_CALLS)
        give_up("calls are nested too deep");
    calls[depth].return_address = return_address;
    calls[depth++].visit = visit;
}

static void enter(int function)
{
    if (function == ROOT) {
        if (visit_count || !depth)
            give_up("the root function calls itself, or was not called");
        root_depth = depth;
    } else if (!visit_count) {
        return;
    }
    if (visit_count == MOST_VISITS)
        give_up("too many visits in one call of the root function");
    visits[visit_count].function = function;
    visits[visit_count].instructions = 0;
    visit = visit_count++;
}

static void on_instruction(unsigned cpu, void *data)
{
    const struct instruction *here = data;
    (void)cpu;
    const int caller = forget_call(here->address);
    if (caller >= 0) {
        visit = caller;
        if (visit_count && depth < root_depth)
            end_root();
    }
    if (here->function != NOT_MARKED)
        enter(here->function);
    if (visit_count)
        visits[visit].instructions++;
    if (here->calls)
        remember_call(here->next);
}

/* BL (T1) or BLX of a register. */
static bool is_call(const struct qemu_plugin_insn *instruction)
{
    uint16_t half[2];
    const size_t size = qemu_plugin_insn_size(instruction);
    memcpy(half, qemu_plugin_insn_data(instruction), size < sizeof half ? size : sizeof half);
    return size == 2 ? (half[0] & 0xff87) == 0x4780 : (half[0] & 0xf800) == 0xf000 && (half[1] & 0xd000) == 0xd000;
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
        struct instruction *here = malloc(sizeof *here); /* kept to the end: QEMU hands it to every execution */
        if (!here)
            give_up("out of memory");
        here->address = (uintptr_t)qemu_plugin_insn_vaddr(instruction);
        here->next = here->address + qemu_plugin_insn_size(instruction);
        here->calls = is_call(instruction);
        here->function = NOT_MARKED;
        for (int function = 0; function < function_count; function++)
            if (functions[function] == here->address)
                here->function = function;
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_instruction, QEMU_PLUGIN_CB_NO_REGS, here);
    }
}

static void on_exit_of_qemu(qemu_plugin_id_t id, void *data)
{
    (void)id;
    (void)data;
    fclose(output);
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (!strncmp(argv[i], "function=", 9) && function_count < MOST_FUNCTIONS)
            functions[function_count++] = (uintptr_t)strtoull(argv[i] + 9, NULL, 0);
        if (!strncmp(argv[i], "output=", 7))
            output = fopen(argv[i] + 7, "w");
    }
    if (!function_count || !output)
        return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, on_exit_of_qemu, NULL);
    return 0;
}
