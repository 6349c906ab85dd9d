/* A QEMU plugin that counts the instructions executed between two addresses, exactly.
 *
 *     -plugin count_plugin.so,begin=0x...,end=0x...,output=FILE
 *
 * FILE gets one line an interval: the instructions after the one at `begin` up to the one at `end`.  The few
 * declarations needed of QEMU's plugin interface (version 1) stand here, so no header of QEMU is needed. */
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
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *), int, void *);
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);

int qemu_plugin_version = 1;
int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv);

static uintptr_t begin, end;
static uint64_t executed, executed_at_begin;
static FILE *output;

static void on_instruction(unsigned cpu, void *address)
{
    (void)cpu;
    executed++;
    if ((uintptr_t)address == begin)
        executed_at_begin = executed;
    else if ((uintptr_t)address == end)
        fprintf(output, "%llu\n", (unsigned long long)(executed - executed_at_begin));
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
        const uintptr_t address = (uintptr_t)qemu_plugin_insn_vaddr(instruction);
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_instruction, QEMU_PLUGIN_CB_NO_REGS, (void *)address);
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
        if (!strncmp(argv[i], "begin=", 6))
            begin = (uintptr_t)strtoull(argv[i] + 6, NULL, 0);
        if (!strncmp(argv[i], "end=", 4))
            end = (uintptr_t)strtoull(argv[i] + 4, NULL, 0);
        if (!strncmp(argv[i], "output=", 7))
            output = fopen(argv[i] + 7, "w");
    }
    if (!begin || !end || !output)
        return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, on_exit_of_qemu, NULL);
    return 0;
}
