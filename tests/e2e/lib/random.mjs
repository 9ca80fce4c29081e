// Random choices that a seed repeats exactly.
export class Random {
  constructor(seed) { this.state = (seed * 2654435761) >>> 0 || 1; }

  next() {
    let x = this.state;
    x ^= x << 13; x >>>= 0;
    x ^= x >>> 17;
    x ^= x << 5; x >>>= 0;
    this.state = x;
    return x / 2 ** 32;
  }

  below(n) { return Math.floor(this.next() * n); }
  between(a, b) { return a + this.below(b - a + 1); }
  chance(p) { return this.next() < p; }
  pick(list) { return list[this.below(list.length)]; }
  hex(n) { let s = ''; while (s.length < n) s += this.below(16).toString(16); return s; }
  alnum(n) { let s = ''; while (s.length < n) s += 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789'[this.below(58)]; return s; }
  bytes(n) { const b = Buffer.alloc(n); for (let i = 0; i < n; i++) b[i] = this.below(256); return b; }
}
