"""The random numbers of training, as train/learning/order.c has them."""

MASK = (1 << 64) - 1


class Random:
    """xoshiro256** seeded by splitmix64."""

    def __init__(self, seed):
        self.s = []
        for _ in range(4):
            seed = z = (seed + 0x9E3779B97F4A7C15) & MASK
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
            self.s.append(z ^ (z >> 31))

    def next(self):
        def rotated(x, by):
            return (x << by | x >> (64 - by)) & MASK

        s = self.s
        result = rotated(s[1] * 5 & MASK, 7) * 9 & MASK
        t = s[1] << 17 & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotated(s[3], 45)
        return result

    def shuffle(self, items):
        for i in range(len(items), 1, -1):
            limit = MASK - MASK % i
            x = self.next()
            while x >= limit:
                x = self.next()
            j = x % i
            items[i - 1], items[j] = items[j], items[i - 1]


def seeded_for(seed, a, b):
    """order_seed_for's."""
    for part in a, b:
        seed = Random(seed).next() ^ part
    return Random(seed)
