"""The words of questions: which there are, how they are written, and which concept a word or phrase stands for."""
