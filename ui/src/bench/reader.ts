// The Reader by itself, over its part of the made-up engine: for design and for its flows. Not part of the program.

import '../styles/base.css'
import { mount } from 'svelte'
import Bench from './Bench.svelte'

const target = document.getElementById('app')
if (target) mount(Bench, { target })
