"""gensim's side of bench/words.py: learns word vectors with the settings given and prints seconds of learning alone.
usage: rival_words.py TEXT OBJECTIVE WORKERS EPOCHS SEED MODE OUT   (MODE: lines, file)"""
import sys
import time

from gensim.models import Word2Vec
from gensim.models.word2vec import LineSentence

text, objective, workers, epochs, seed, mode, out = sys.argv[1:]
model = Word2Vec(vector_size=100, window=5, min_count=5, sg=int(objective == "skipgram"), negative=5, sample=1e-3,
                 workers=int(workers), alpha=0.025, min_alpha=2.5e-6, epochs=int(epochs), seed=int(seed))
model.build_vocab(corpus_file=text)
source = {"corpus_file": text, "total_words": model.corpus_total_words} if mode == "file" else \
    {"corpus_iterable": LineSentence(text)}
words = sum(model.wv.get_vecattr(w, "count") for w in model.wv.index_to_key)
start, processor = time.perf_counter(), time.process_time()
model.train(total_examples=model.corpus_count, epochs=int(epochs), **source)
seconds, processor = time.perf_counter() - start, time.process_time() - processor
model.wv.save_word2vec_format(out, binary=True)
print(f"{words * int(epochs)} {seconds:.3f} {processor:.3f}")
