/* Stands in for the CMSIS-Driver of serial audio: what the example uses of its interface. */
#ifndef DRIVER_SAI_H
#define DRIVER_SAI_H

#include <stdint.h>

#define ARM_DRIVER_OK 0
#define ARM_DRIVER_ERROR (-1)
#define ARM_SAI_CONFIGURE_RX 0x02u
#define ARM_SAI_CONTROL_RX 0x04u
#define ARM_SAI_MODE_MASTER (1u << 8)
#define ARM_SAI_ASYNCHRONOUS (0u << 9)
#define ARM_SAI_PROTOCOL_I2S (1u << 10)
#define ARM_SAI_DATA_SIZE(bits) ((((bits)-1u) & 0x1Fu) << 13)
#define ARM_SAI_MONO_MODE (1u << 19)
#define ARM_SAI_EVENT_RECEIVE_COMPLETE (1u << 1)

typedef enum { ARM_POWER_OFF, ARM_POWER_LOW, ARM_POWER_FULL } ARM_POWER_STATE;

typedef struct {
    int32_t (*Initialize)(void (*on_event)(uint32_t event));
    int32_t (*PowerControl)(ARM_POWER_STATE state);
    int32_t (*Receive)(void *data, uint32_t count);
    int32_t (*Control)(uint32_t control, uint32_t first, uint32_t second);
} ARM_DRIVER_SAI;

#endif
