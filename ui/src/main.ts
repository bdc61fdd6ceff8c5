import './styles/base.css'
import { mount } from 'svelte'
import { backend } from '$backend'
import Window from './Window.svelte'

const target = document.getElementById('app')
if (target) mount(Window, { target, props: { backend: backend() } })
