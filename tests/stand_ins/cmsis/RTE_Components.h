/* Stands in for what a CMSIS project generates. */
#define CMSIS_device_header "device.h"
