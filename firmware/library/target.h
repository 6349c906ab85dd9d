/* The target core, by its instructions; for a host none of these macros is defined. */
#ifndef KWS_TARGET_H
#define KWS_TARGET_H

#if defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'
#if __ARM_ARCH_ISA_THUMB == 1
#define KWS_CORE_BASELINE /* ARMv6-M and ARMv8-M Baseline (M0, M0+, M23): no long products, few registers */
#else
#define KWS_CORE_MAINLINE
#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP
#define KWS_CORE_DSP /* two products of 16 bits at once */
#endif
#if defined(__ARM_FEATURE_MVE) && __ARM_FEATURE_MVE
#define KWS_CORE_HELIUM
#endif
#endif
#endif

/* Assembly marks its objects as the compiler marks those of C, if it does: they execute no stack.  GCC for a bare core does
 * not, and the linker warns where only some objects are marked. */
#if defined(__ASSEMBLER__) && defined(__ELF__) && (defined(__linux__) || defined(__clang__))
    .pushsection .note.GNU-stack, "", %progbits
    .popsection
#endif

#endif
