/** Style sheets arrive as text where esbuild bundles them. */
declare module '*.css' {
  const text: string;
  export default text;
}
