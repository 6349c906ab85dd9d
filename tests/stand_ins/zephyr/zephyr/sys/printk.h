/* Stands in for Zephyr's printk. */
#include <stdio.h>
#define printk printf
