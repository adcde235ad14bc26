/* The Viterbi lattice (Viterbi 1967) of a word.
 *
 * Every place between two characters is a node, every piece of the vocabulary that fits is an edge
 * from where it starts to where it ends, and a way from the front to the end is one way to cut the
 * word. A way is as good as the sum of its pieces' scores (they are logarithms: the probability is
 * a product). There are exponentially many ways, but the best way to a node goes on a best way to
 * the node before, so one pass from left to right finds the best to every node:
 *
 *   best(end) = max over pieces [start, end) of best(start) + score(piece)
 *
 * Each node remembers which piece came last; followed backwards from the end, these are the word's
 * pieces. Of two ways that are equally good, the one found first stays: with the longest last
 * piece. */
#include "engine/base/utf8.h"
#include "engine/text/internal.h"

static void make_room(TokWork *work, size_t nodes) {
    if (nodes > work->best_capacity) {
        work->best_capacity = nodes < 2 * work->best_capacity ? 2 * work->best_capacity : nodes;
        work->best = ARENA_NEW_N(work->scratch, TokBest, work->best_capacity);
    }
    for (size_t i = 0; i < nodes; i++)
        work->best[i].id = -1;
}

static void offer(TokWork *work, size_t start, size_t end, int32_t id, double score) {
    TokBest *best = &work->best[end];
    double whole = work->best[start].score + score;
    bool reached = best->id >= 0, better = !reached || whole > best->score;
    if (work->notes)
        tok_note_offer(work->notes, TOK_STEP_OFFER, (TokSpan){start, end}, id,
                       &(TokOffer){.before = work->best[start].score,
                                   .score = score,
                                   .total = whole,
                                   .was = best->score,
                                   .reached = reached,
                                   .better = better});
    if (better)
        *best = (TokBest){whole, start, id};
}

/* All the pieces that start here. Gives whether one of them is just this character. */
static bool offer_pieces(TokWork *work, const TokPiece *word, size_t start, size_t char_size) {
    const Tokenizer *tok = work->tok;
    TokRange range = {0, tok->scored_count, 0};
    bool has_char = false;
    for (size_t end = start + 1; end <= word->size; end++) {
        if (!tok_range_narrow(tok, &range, word->bytes[end - 1]))
            break;
        const TokScored *piece = &tok->scored[range.from];
        if (piece->size != range.depth)
            continue;
        offer(work, start, end, piece->id, piece->score);
        has_char = has_char || piece->size == char_size;
    }
    return has_char;
}

bool tok_lattice_run(TokWork *work, const TokPiece *word, Err *err) {
    const Tokenizer *tok = work->tok;
    make_room(work, word->size + 1);
    work->best[0] = (TokBest){0};
    for (size_t at = 0, end; at < word->size; at = end) {
        end = at + utf8_next(word->bytes + at, word->size - at).size;
        if (offer_pieces(work, word, at, end - at))
            continue;
        /* A character that is no piece is an unknown one, worse than anything known: so there is
         * a way to every node. */
        if (tok->unk < 0)
            return tok_unknown(tok, word, (TokSpan){at, end}, err);
        offer(work, at, end, tok->unk, tok->unk_score);
    }
    return true;
}
