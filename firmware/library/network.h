/* The network: layers, each reading what the one before left at the beginning of its memory. */
#ifndef KWS_NETWORK_H
#define KWS_NETWORK_H

#include <stdint.h>

#include "layer.h"

/* What a stream carries from hop to hop: the features of the last hop, then the memory of each layer.  The last layer
 * is the classifier and its memory is the logits. */
struct kws_network {
    int16_t codes[KWS_BANDS]; /* level - 128 */
    int16_t memory[KWS_MEMORY_CODES];
    int16_t logits[KWS_LABELS]; /* Q5.10 */
};

void kws_network_reset(struct kws_network *network, const struct kws_layer layers[KWS_LAYERS]);

/* One step from network->codes to network->logits. */
void kws_network_step(struct kws_network *network, const struct kws_layer layers[KWS_LAYERS],
                      int32_t sums[KWS_SUMS]);

#endif
